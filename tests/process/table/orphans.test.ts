import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProcessIdentity } from '../../../src/core/work-package/work-package.ts'
import { identify, isAlive } from '../../../src/process/table/identity.ts'
import { reapOrphans } from '../../../src/process/table/orphans.ts'
import { eventually, killAll, newToken, processesWith } from '../leaks.ts'

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
  return reapOrphans({ marker: { name: 'SKO_TEST', value }, identities, graceSeconds: 1, spared: [] })
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

  it('leaves alone an agent that was adopted, what it started in whatever session, and its group', async () => {
    const run = { name: 'SKO_TEST', value: token }
    const begin = (attempt: string, more: string) =>
      startGroup(`export SKO_TEST=${token} SKO_ATTEMPT=${attempt}; ${more} sleep ${token}; :`)
    const adopted = begin(
      `${token}/1`,
      `setsid sleep ${token} & env -i sleep ${token} & env -i setsid sleep ${token} &`,
    )
    const unrecorded = begin(`${token}/2`, `setsid sleep ${token} &`)
    const other = begin(`${token}/3`, `setsid sleep ${token} & env -i sleep ${token} &`)
    await eventually(() => processesWith(token).length === 12, 'all are there')

    const spared = [
      { marker: { name: 'SKO_ATTEMPT', value: `${token}/1` }, leader: adopted },
      { marker: { name: 'SKO_ATTEMPT', value: `${token}/2` }, leader: null },
    ]
    expect(await reapOrphans({ marker: run, identities: [other], graceSeconds: 1, spared })).toBe(4)
    expect(processesWith(token)).toHaveLength(8)
    expect([adopted, unrecorded, other].map(isAlive)).toEqual([true, true, false])
  })

  it.each([
    ['belongs to another process today', { startTime: '1' }],
    ['is from before the last boot', { bootId: '00000000-0000-0000-0000-000000000000' }],
  ])('spares nothing because of a pid that %s', async (_, change) => {
    const leader = startGroup()
    await eventually(() => processesWith(token).length === 3, 'the group is complete')
    const spared = [{ marker: { name: 'SKO_ATTEMPT', value: token }, leader: { ...leader, ...change } }]
    const marker = { name: 'SKO_TEST', value: 'nobody' }
    expect(await reapOrphans({ marker, identities: [leader], graceSeconds: 1, spared })).toBe(3)
  })

  it('knows of nothing: nothing to do', async () => {
    expect(await reap([])).toBe(0)
  })
})
