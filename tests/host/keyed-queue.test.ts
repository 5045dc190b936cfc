import { expect, it } from 'vitest'
import { createKeyedQueue } from '../../src/host/keyed-queue.ts'

function gate() {
  let open: () => void = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { open, opened }
}

it('runs one task per key at a time, in order', async () => {
  const queued = createKeyedQueue()
  const first = gate()
  const log: string[] = []
  const a1 = queued('a', async () => {
    log.push('a1 begins')
    await first.opened
    log.push('a1 ends')
  })
  const a2 = queued('a', async () => void log.push('a2'))
  await queued('b', async () => void log.push('b'))
  expect(log).toEqual(['a1 begins', 'b'])
  first.open()
  await Promise.all([a1, a2])
  expect(log).toEqual(['a1 begins', 'b', 'a1 ends', 'a2'])
})

it('continues after a task that failed', async () => {
  const queued = createKeyedQueue()
  const failed = queued('a', () => Promise.reject(new Error('no')))
  const next = queued('a', async () => 'yes')
  await expect(failed).rejects.toThrow('no')
  await expect(next).resolves.toBe('yes')
})
