import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runSko, type SkoResult } from './support/run-sko.ts'
import { createScenario, lanesOf, logsOf, type Scenario } from './support/scenario.ts'

const one = { shape: { WP01: [] }, topology: 'lanes' } as const
const oneEach = ['--impl-agent', 'claude-code', '--review-agent', 'codex']
const nit = (problem: string) => ({ severity: 'low', file: 'src/WP01.txt', line: 1, problem, change: null })
const real = { severity: 'high', file: 'src/WP01.txt', line: 1, problem: 'it leaks', change: 'close it' }
const invented = { ...real, file: 'src/invented.txt', line: 7, problem: 'made up' }

function orchestrated(mission: Scenario): Promise<SkoResult> {
  return runSko(mission, ['orchestrate', '--mission', mission.slug, ...oneEach])
}

function promptOf(mission: Scenario, result: SkoResult, name: string): string {
  return readFileSync(join(logsOf(mission, result.events()[0]?.runId ?? '', 'WP01'), `${name}.prompt.md`), 'utf8')
}

it('a reviewer that finds a fresh nit each time is done within 2 cycles, and every list has the nits', async () => {
  const nits = ['one', 'two', 'three', 'four'].map(word => nit(`nit number ${word}`))
  const mission = await createScenario(
    one,
    nits.map(found => ({ role: 'review', do: 'reject', summary: 'Not quite.', findings: [found] })),
  )

  const result = await orchestrated(mission)

  expect(result.exitCode).toBe(0)
  expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
  const names = mission.starts().map(({ role }) => role)
  expect(names).toEqual(['implementation', 'review', 'review', 'implementation', 'review', 'review'])
  expect(promptOf(mission, result, 'review-c1-a3')).toContain(
    '- Yours: no verdict: changes requested, but no finding blocks',
  )
  const rereview = promptOf(mission, result, 'review-c2-a5')
  expect(rereview).toContain('1. [low] src/WP01.txt:1 nit number two\n')
  expect(rereview).toMatch(
    /The last review was of ([0-9a-f]{40})\. Look first[\s\S]* git diff --no-ext-diff \1 [0-9a-f]{40}\n/,
  )
  expect(result.stdout).toMatch(
    /^\S+ WP01 changes_requested by codex.* at \w+, counted as approved because nothing in it blocks, 1 follow-up\(s\): Not quite\.$/m,
  )
  expect(result.stdout).toContain(
    'Follow-ups that reviews found, not required:\n  WP01: [low] src/WP01.txt:1 nit number four\n',
  )
  const { events } = await mission.state()
  const approving = events.find(({ to_lane }) => to_lane === 'approved')
  expect(approving?.reason).toMatch(
    /^approved at \w+ \(codex asked for changes, and nothing that it named blocks\): Not quite\.\nfollow-ups, not required:\n- \[low\] src\/WP01\.txt:1 nit number four$/,
  )
  const status = JSON.parse((await runSko(mission, ['status', '--json'])).stdout)
  expect(status.workPackages[0].followUps).toEqual([nits[3]])
  const explained = await runSko(mission, ['explain', 'WP01'])
  expect(explained.stdout).toMatch(
    /attempt 6: changes_requested, counted as approved because nothing in it blocks, 1 finding, 1 follow-up$/m,
  )
  expect(explained.stdout).not.toContain('DIFFERS')
})

it('an invented place is asked for once more and then not believed: no cycle is spent on it', async () => {
  const mission = await createScenario(one, [
    { role: 'review', do: 'reject', findings: [invented, real], times: 2 },
    { role: 'review', do: 'approve' },
  ])

  const result = await orchestrated(mission)

  expect(result.exitCode).toBe(0)
  expect(promptOf(mission, result, 'review-c1-a3')).toContain(
    '- Yours: no verdict: finding 1 names src/invented.txt, which is no file of the reviewed commit\n',
  )
  const rework = promptOf(mission, result, 'implementation-c2-a4')
  expect(rework).toContain('1. [high] src/WP01.txt:1 it leaks')
  expect(rework).not.toContain('made up')
  expect(result.stdout).toContain('1 finding(s) without an existing place not believed')
})

it('nothing but invented places approves nothing and asks for no rework: a person is asked', async () => {
  const mission = await createScenario(one, [{ role: 'review', do: 'reject', findings: [invented], times: 0 }])

  const result = await orchestrated(mission)

  expect(result.exitCode).toBe(1)
  expect(await lanesOf(mission)).toEqual({ WP01: 'blocked' })
  expect(mission.starts().map(({ role }) => role)).toEqual(['implementation', 'review', 'review'])
  expect(result.stdout).toContain('changes requested, but no finding that blocks names a place that exists')
})

it('an earlier finding that is not stated, or stated as open, never leads to an approval', async () => {
  const open = { number: 1, state: 'open', file: 'src/WP01.txt', line: 2, note: null }
  const mission = await createScenario(one, [
    { role: 'review', do: 'reject', findings: [real] },
    { role: 'review', do: 'approve', earlier: [] },
    { role: 'review', do: 'approve', earlier: [open] },
  ])

  const result = await orchestrated(mission)

  expect(result.exitCode).toBe(1)
  expect(await lanesOf(mission)).toEqual({ WP01: 'blocked' })
  expect(result.stdout).toContain('no-verdict: no verdict: it does not state earlier finding 1;')
  expect(promptOf(mission, result, 'review-c2-a5')).toContain(
    '- Yours: no verdict: it does not state earlier finding 1\n',
  )
  expect(result.stdout).toContain('no-verdict: no verdict: approved with a finding of high severity: it leaks;')
})
