import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { createFakeMission, type FakeMission } from '../cli/support/fake-mission.ts'
import { expectNothingLeft } from '../cli/support/leaks.ts'
import { type RecordedCase, recordedCases } from '../cli/support/recorded-cases.ts'
import { runHost } from '../cli/support/run-host.ts'

const recordingSchema = z.object({
  argv: z.array(z.string()),
  exit_code: z.number(),
  stdout: z.union([z.string(), z.record(z.string(), z.unknown())]),
  stderr: z.string(),
  stdout_raw_lines: z.array(z.string()).default([]),
})

const missions: FakeMission[] = []

afterEach(async () => {
  for (const mission of missions.splice(0)) {
    await expectNothingLeft(mission)
    await mission.dispose()
  }
})

describe.each([
  ['as a process', {}],
  ['from the server of the run', { FAKE_HOST_PORT: inject('fakeHostPort') ?? 'none' }],
])('the fake host answers as the real one did, %s', (_, env) => {
  it.each(recordedCases)('$name', async recorded => {
    const text = readFileSync(new URL(`../../fixtures/host/${recorded.name}.json`, import.meta.url), 'utf8')
    const recording = recordingSchema.parse(JSON.parse(text))
    const mission = await missionFor(recorded, text, env)
    await recorded.prepare(mission)

    const answer = await runHost(mission, recording.argv.slice(1))

    const lines = answer.stdout.split('\n')
    const expected = recording.stdout
    expect({
      exit: answer.exitCode,
      stdout: normalise(mission, typeof expected === 'string' ? answer.stdout : parseLast(lines)),
      before: lines.slice(0, -1).map(line => normalise(mission, line)),
      stderr: lastWords(normalise(mission, answer.stderr)),
    }).toEqual({
      exit: recording.exit_code,
      stdout: normalise(mission, expected),
      before: recording.stdout_raw_lines.slice(0, -1).map(line => normalise(mission, line)),
      stderr: lastWords(normalise(mission, recording.stderr)),
    })
  })
})

async function missionFor(
  recorded: RecordedCase,
  recording: string,
  env: Readonly<Record<string, string>>,
): Promise<FakeMission> {
  const slug = /\bdemo-01M7[0-9A-Z]{4}\b/.exec(recording)?.[0] ?? 'demo-01M7FAKE'
  const { shape, topology, lanes = {}, subtasks = {} } = recorded
  const mission = await createFakeMission({ shape, topology, slug, lanes, subtasks })
  missions.push(mission)
  return { ...mission, env: { ...mission.env, ...env } }
}

function parseLast(lines: readonly string[]): unknown {
  return JSON.parse(lines.at(-1) ?? '')
}

/** Takes out what differs from call to call: the repository's place, commits, times and random ids. */
function normalise<T>(mission: FakeMission, value: T): T {
  const text = JSON.stringify(value)
    .replaceAll(mission.repo, '/repo')
    .replace(/\b(corr|hist)-[0-9a-f]{32}\b/g, '$1-ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+\+00:00/g, 'TIME')
    .replace(/\b(?=[a-f]*\d)[0-9a-f]{7,40}\b/g, 'COMMIT')
  return JSON.parse(text)
}

/** The exception of a traceback, else the whole text, without the line breaks that depend on the length of paths. */
function lastWords(stderr: string): string {
  return stderr.replace(/^[\s\S]*╯/, '').replaceAll(/\s+/g, '')
}
