import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { runSko, startSko } from './support/run-sko.ts'
import { createScenario, type Scenario } from './support/scenario.ts'

const one = { shape: { WP01: [] }, topology: 'lanes' } as const
const oneEach = ['--impl-agent', 'codex', '--review-agent', 'claude-code']

function recordOf(mission: Scenario): string {
  const logs = join(mission.repo, '.kittify', 'logs')
  return join(logs, readdirSync(logs)[0] ?? '', 'decisions.ndjson')
}

describe('sko explain', () => {
  it('says why a WP waited for another one and for a limit, and what it chose after a rejection', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' }, [
      { wp: 'WP02', role: 'review', attempt: 1, do: 'limit-for', seconds: 4 },
      { wp: 'WP02', role: 'review', do: 'reject-once', times: 0 },
    ])
    expect((await runSko(mission, ['orchestrate', '--mission', mission.slug, ...oneEach])).exitCode).toBe(0)

    const explained = await runSko(mission, ['explain', 'WP02'])

    expect([explained.exitCode, explained.stderr]).toEqual([0, ''])
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
    const lines = [
      `WP02 \\(planned\\) waits for WP01 \\(planned\\) \\[until ${time}\\]`,
      'WP02 \\(planned\\) starts after WP01 \\(approved\\)',
      'WP02 \\(planned, cycle 1\\) chooses: claim by codex -> lane worktree lane-[a-z]',
      'WP02 \\(in_progress, cycle 1\\) chooses: implement by codex -> attempt 1 succeeded',
      'WP02 \\(in_review, cycle 1\\) chooses: review by claude-code -> attempt 2 failed: usage-limit: .*',
      `WP02 \\(in_review, cycle 1\\) chooses: wait for ${time}: claude-code: usage-limit: .*`,
      `WP02 \\(in_review\\) waits for ${time}: claude-code: usage-limit: .* \\[until ${time}\\]`,
      'WP02 \\(in_review, cycle 1\\) chooses: review by claude-code -> attempt 3: changes_requested, 1 finding',
      'WP02 \\(in_review, cycle 1\\) chooses: reject -> in_progress',
      'WP02 \\(in_progress, cycle 2\\) chooses: implement by codex -> attempt 4 succeeded',
      'WP02 \\(in_review, cycle 2\\) chooses: approve -> approved',
    ]
    for (const line of lines) expect(explained.stdout).toMatch(new RegExp(`^${time} ${line}$`, 'm'))
    expect(explained.stdout).toMatch(/^ +not claude-code: cools down until .*usage-limit/m)
    expect(explained.stdout).not.toContain('WP01 (planned) starts')
    expect(explained.stdout).toMatch(/\n\d+ decisions; the rules of this version choose the same in each\n$/)
    const all = await runSko(mission, ['explain'])
    expect(all.stdout).toContain('WP01 (planned) starts')
    const other = await runSko(mission, ['explain', '../WP09'])
    expect([other.exitCode, other.stdout]).toEqual([2, ''])
    expect(other.stderr).toContain('the record of this run has no "../WP09"')
  })

  itInFull(
    'reads what each process of a run has recorded, also one that was killed in the middle of a line',
    async () => {
      const mission = await createScenario(one)
      await mission.setAgents([{ role: 'implementation', do: 'hang', file: mission.path('go') }])
      const first = startSko(mission, ['orchestrate', '--mission', mission.slug])
      await mission.waitForStart({ role: 'implementation' })
      await first.waitForEvent(event => event.type === 'attempt-started')
      first.kill('SIGKILL')
      await first.exited
      appendFileSync(recordOf(mission), '{"at":17,"type":"outc')
      const killed = await runSko(mission, ['explain'])
      expect([killed.exitCode, killed.stderr]).toEqual([0, ''])
      const resumed = startSko(mission, ['resume'])
      await resumed.waitForEvent(event => event.type === 'attempt-adopted')
      writeFileSync(mission.path('go'), '')
      expect((await resumed.exited).exitCode).toBe(0)

      const explained = await runSko(mission, ['explain', 'WP01'])

      expect([explained.exitCode, explained.stderr]).toEqual([0, ''])
      expect(explained.stdout.match(/ a process of the run begins/g)).toHaveLength(2)
      expect(explained.stdout).toMatch(/chooses: implement by [a-z-]+$/m)
      expect(explained.stdout).toContain('chooses: adopt attempt 1 -> attempt 1 succeeded')
      expect(explained.stdout).not.toContain('DIFFERS')
    },
  )

  it('says what this version would choose differently, and plainly what it cannot read', async () => {
    const mission = await createScenario(one, [{ role: 'review', do: 'reject-once', times: 0 }])
    const before = await runSko(mission, ['explain'])
    expect(before.exitCode).toBe(2)
    expect(before.stderr).toContain(`next: sko orchestrate --mission ${mission.slug}   (`)
    expect((await runSko(mission, ['orchestrate', '--mission', mission.slug])).exitCode).toBe(0)
    const file = recordOf(mission)
    const record = readFileSync(file, 'utf8')

    writeFileSync(file, record.replace(/"max_cycles":\d+/, '"max_cycles":1'))
    const changed = await runSko(mission, ['explain', 'WP01'])
    expect([changed.exitCode, changed.stderr]).toEqual([1, ''])
    expect(changed.stdout).toMatch(/DIFFERS WP01: it chose reject; this version chooses block: rejected 1 times/)
    expect(changed.stdout).toMatch(/the rules of this version choose differently in 1 of them \(DIFFERS\)\n$/)

    writeFileSync(file, record.replace('"version":1', '"version":77'))
    const other = await runSko(mission, ['explain'])
    expect([other.exitCode, other.stdout]).toEqual([2, ''])
    expect(other.stderr).toContain('another version of sko recorded what a process decided (form 77 of the record)')

    rmSync(file)
    const none = await runSko(mission, ['explain'])
    expect([none.exitCode, none.stdout]).toEqual([2, ''])
    expect(none.stderr).toMatch(/run \S+ has no record of its decisions/)
    expect(none.stderr).toContain('events.ndjson')
  })
})
