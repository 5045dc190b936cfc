import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, logsOf } from './support/scenario.ts'

const megabytes = 600
const megabyte = 1024 * 1024

it('an agent that prints 600 MB: the log is whole, and our own memory stays below 120 MB', async () => {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
  const go = mission.path('go')
  await mission.setAgents([
    { role: 'implementation', do: 'print-mb', mb: megabytes },
    { role: 'review', do: 'hang', file: go },
  ])

  const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
  // Then the log has been read, as far as it is read at all.
  await mission.waitForStart({ role: 'review' })

  expect(peakMemory(sko.pid)).toBeLessThan(120 * megabyte)
  const { runId } = await sko.waitForEvent(event => event.type === 'run-started')
  expectWhole(join(logsOf(mission, runId, 'WP01'), 'implementation-c1-a1.out.log'))
  await writeFile(go, '')
  expect((await sko.exited).exitCode).toBe(0)
  expect(await lanesOf(mission)).toEqual({ WP01: 'done' })
})

/** Bytes of resident memory at most so far. */
function peakMemory(pid: number): number {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(peak) * 1024
}

/** One line, then as often as megabytes were printed the same two lines (a command and its output), then the end. */
function expectWhole(log: string): void {
  const descriptor = openSync(log, 'r')
  const read = (from: number, length: number): Buffer => {
    const buffer = Buffer.alloc(length)
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, from))
  }
  try {
    const beginning = read(0, 2 * megabyte)
    const first = beginning.indexOf('\n') + 1
    const second = beginning.indexOf('\n', first) + 1
    const third = beginning.indexOf('\n', second) + 1
    const block = beginning.subarray(first, third)
    expect(block.includes('x'.repeat(megabyte))).toBe(true)
    const different = Array.from({ length: megabytes }, (_, index) => index).filter(
      index => !read(first + index * block.length, block.length).equals(block),
    )
    expect(different).toEqual([])
    const end = first + megabytes * block.length
    const rest = read(end, statSync(log).size - end)
      .toString('utf8')
      .trimEnd()
      .split('\n')
    expect(rest.map(line => JSON.parse(line).type)).toEqual(['assistant', 'assistant', 'user', 'result'])
  } finally {
    closeSync(descriptor)
  }
}
