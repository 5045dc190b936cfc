import { expect, it } from 'vitest'
import { type SkoResult, startSko } from '../support/run-sko.ts'
import { createScenario, until } from '../support/scenario.ts'

it('eight orchestrators that start together: one owns the repository, seven name it and leave', async () => {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' }, [{ do: 'hang', times: 0 }])
  const args = ['orchestrate', '--mission', mission.slug]
  const eight = Array.from({ length: 8 }, () => startSko(mission, args, { timeoutMs: 180_000 }))
  const ended = new Map<number, SkoResult>()
  for (const { pid, exited } of eight) void exited.then(result => ended.set(pid, result))

  await until('seven to leave', () => ended.size === 7, 150_000)

  const [owner] = eight.filter(({ pid }) => !ended.has(pid))
  for (const { exitCode, stderr } of ended.values()) {
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining(`owns this repository: process ${owner?.pid}\n`)])
  }
  await until('its agent', () => mission.starts().length > 0, 150_000)
  owner?.kill('SIGINT')
  expect((await owner?.exited)?.exitCode).toBe(130)
  expect(mission.starts()).toHaveLength(1)
}, 200_000)
