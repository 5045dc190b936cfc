import { describe, expect, it } from 'vitest'
import { killMarked } from '../../src/process/table/end-processes.ts'
import { cover, itInFull } from '../in-full.ts'
import { eventually, processesWith } from './leaks.ts'
import { useRig } from './run-fixture.ts'

const shapes = [
  'child-and-grandchild',
  'ignores-term',
  'leaves-session',
  'double-fork',
  'stopped',
  'clears-environment',
  'clears-environment-late',
  'zombie-parent',
]

describe('nothing of an agent is left', () => {
  const rig = useRig()

  it.each(shapes)('after an abort: %s', async shape => {
    const run = rig().run('agent-tree.sh', [shape, rig().token])
    await rig().ready()
    await eventually(
      () => processesWith(rig().token).length > 2,
      'the tree has more than its root and the shell above it',
    )
    rig().stop.abort()
    expect((await run).end).toEqual({ kind: 'aborted' })
    expect(processesWith(rig().token)).toEqual([])
  })

  it.each(cover(3, shapes))('after a timeout: %s', async shape => {
    // A busy machine may not have started the tree when its time is up: then it is given more.
    for (const timeoutSeconds of [1, 5, 25, 125]) {
      const { end, elapsedMs } = await rig().run('agent-tree.sh', [shape, rig().token], { timeoutSeconds })
      expect(end).toEqual({ kind: 'timed-out', seconds: timeoutSeconds })
      expect(elapsedMs).toBeGreaterThan(timeoutSeconds * 1000 - 1)
      expect(processesWith(rig().token)).toEqual([])
      if (rig().stdout() === 'ready\n') return
    }
    expect(rig().stdout()).toBe('ready\n')
  })

  it.each(cover(4, shapes))(
    'after it ended by itself, and the result does not wait for what it left: %s',
    async shape => {
      const { end, elapsedMs } = await rig().run('agent-tree.sh', [shape, rig().token, 'exit'])
      expect(end).toEqual({ kind: 'exited', code: 0 })
      expect(rig().stdout()).toBe('ready\n')
      // What it left would run for years.
      expect(elapsedMs).toBeLessThan(120_000)
      expect(processesWith(rig().token)).toEqual([])
    },
  )

  it('a child without the marker, in a session of its own', async () => {
    const script = `setsid env -i sleep ${rig().token} & until ps -A -o args= | grep -qx 'sleep ${rig().token}'; do :; done; echo ready; wait`
    const run = rig().run('/bin/sh', ['-c', script])
    await rig().ready()
    rig().stop.abort()
    expect((await run).end).toEqual({ kind: 'aborted' })
    expect(processesWith(rig().token)).toEqual([])
  })

  itInFull('when it ends in the very moment in which it starts a daemon, 20 times', async () => {
    for (let i = 0; i < 20; i++) {
      await rig().run('agent-tree.sh', ['double-fork', rig().token, 'exit'])
      expect(processesWith(rig().token)).toEqual([])
    }
  })

  it('at once after killMarked, group members without the marker included', async () => {
    const run = rig().run('agent-tree.sh', ['clears-environment', rig().token])
    // It says that it is ready before it starts its last process.
    await eventually(() => processesWith(rig().token).length === 4, 'the tree and the shell above it are there')
    expect(killMarked('SKO_TEST', rig().token)).toBe(4)
    expect((await run).end).toEqual({ kind: 'signaled', signal: 'SIGKILL' })
    expect(killMarked('SKO_TEST', rig().token)).toBe(0)
  })
})
