import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProcessIdentity } from '../../src/core/work-package.ts'
import { identify, isAlive } from '../../src/process/identity.ts'
import { reapOrphans } from '../../src/process/orphans.ts'
import { eventually, killAll, newToken, processesWith } from './leaks.ts'

let token = ''
beforeEach(() => {
  token = newToken()
})
afterEach(() => {
  killAll(token)
})

/** A group of its own without the marker, as an agent that cleared its environment, or a stranger. */
function startGroup(script = `sleep ${token} & sleep ${token}; :`): ProcessIdentity {
  const child: ChildProcess = spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore' })
  const identity = identify(child.pid ?? 0)
  if (identity === null) throw new Error('not started')
  return identity
}

function reap(identities: readonly ProcessIdentity[], value = 'nobody'): Promise<number> {
  return reapOrphans({ marker: { name: 'SKO_TEST', value }, identities, graceSeconds: 1 })
}

describe('reapOrphans', () => {
  it('ends the group of a leader that is alive', async () => {
    const leader = startGroup()
    await eventually(() => processesWith(token).length === 3, 'the group is complete')
    expect(await reap([leader])).toBe(3)
    expect(processesWith(token)).toEqual([])
    expect(isAlive(leader)).toBe(false)
  })

  it.each([
    ['the pid belongs to another process today', { startTime: '1' }],
    ['the identity is from before the last boot', { bootId: '00000000-0000-0000-0000-000000000000' }],
  ])('touches nothing when %s', async (_, change) => {
    const leader = startGroup()
    await eventually(() => processesWith(token).length === 3, 'the group is complete')
    expect(await reap([{ ...leader, ...change }])).toBe(0)
    expect(processesWith(token)).toHaveLength(3)
    expect(isAlive({ ...leader, ...change })).toBe(false)
    expect(isAlive(leader)).toBe(true)
  })

  it('touches nothing when the leader is gone and no member shows the marker', async () => {
    const leader = startGroup(`sleep ${token} & :`)
    await eventually(() => identify(leader.pid) === null, 'the leader is gone')
    expect(await reap([leader])).toBe(0)
    expect(processesWith(token)).toHaveLength(1)
  })

  it('ends what carries the marker, and its group, when the leader is gone', async () => {
    const leader = startGroup(`SKO_TEST=${token} sleep ${token} & sleep ${token} & setsid sleep ${token} & :`)
    await eventually(() => identify(leader.pid) === null, 'the leader is gone')
    await eventually(() => processesWith(token).length === 3, 'the others are there')
    expect(await reap([leader], token)).toBe(2)
    expect(processesWith(token)).toHaveLength(1)
  })

  it('takes no longer than the grace for one that ignores TERM', async () => {
    const leader = startGroup(`trap '' TERM; echo; sleep ${token}; :`)
    await eventually(() => processesWith(token).length === 2, 'the trap is set')
    expect(await reap([leader])).toBe(2)
    expect(processesWith(token)).toEqual([])
  })

  it('knows of nothing: nothing to do', async () => {
    expect(await reap([])).toBe(0)
  })
})
