import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { FakeMission } from './fake-mission.ts'
import type { SkoResult } from './run-sko.ts'

/** Any control character but a line feed. */
const controls = /[^\P{Cc}\n]/u

/** Refused before anything moved: a cause and a way out in plain text, no stack, no change at the host, no run on disk. */
export async function expectRefused(
  mission: FakeMission,
  result: SkoResult,
  exitCode: number,
  ...said: readonly string[]
): Promise<void> {
  expect([result.exitCode, result.stderr]).toEqual([exitCode, expect.stringMatching(/^(?:sko|error): /)])
  for (const text of said) expect(result.stderr).toContain(text)
  expectNoStack(result)
  expect(result.stderr).not.toMatch(controls)
  expect(result.stdout).toBe('')
  expect((await mission.journal()).filter(call => call.mutates)).toEqual([])
  const lanes = Object.values((await mission.state()).wps).map(wp => wp.lane)
  expect(lanes).toEqual(lanes.map(() => 'planned'))
  expect(existsSync(join(mission.repo, '.kittify', 'logs'))).toBe(false)
}

export function expectNoStack({ stdout, stderr }: SkoResult): void {
  expect(`${stdout}\n${stderr}`).not.toMatch(/^ {4}at |this is a bug/m)
}
