import { existsSync, readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { itInFull } from '../../in-full.ts'
import { runSko, type SkoResult, startSko } from '../support/run-sko.ts'
import { createScenario, lanesOf, linesOf, logsOf, movesOf, type Scenario, until } from '../support/scenario.ts'

const one = { shape: { WP01: [] }, topology: 'lanes' } as const

function logs(mission: Scenario, result: SkoResult) {
  const folder = logsOf(mission, result.events()[0]?.runId ?? '', 'WP01')
  return {
    path: (name: string) => join(folder, name),
    read: (name: string) => readFileSync(join(folder, name), 'utf8'),
  }
}

const laneOf = (mission: Scenario) => join(mission.repo, '.worktrees', `${mission.slug}-lane-a`)

describe('checks', () => {
  it('that fail go back to the agent before any review; then the reviewer and the host hear that they passed', async () => {
    const mission = await createScenario(one, [{ role: 'implementation', do: 'commit', times: 0 }])
    await mission.writeConfig(`checks:
  - 'echo "the second line is missing, key API_TOKEN=abcdefgh12345678"; grep -q "attempt 2" src/WP01.txt'
  - 'setsid sleep 300 & echo new > new.txt; git rm --quiet src/common.txt; git commit --quiet --all --message meddled'
`)

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await movesOf(mission)).toEqual([
      'WP01 planned -> claimed',
      'WP01 claimed -> in_progress',
      'WP01 in_progress -> for_review',
      'WP01 for_review -> in_review',
      'WP01 in_review -> approved',
    ])
    expect(mission.starts().map(({ role }) => role)).toEqual(['implementation', 'implementation', 'review'])
    const { path, read } = logs(mission, result)
    expect(read('implementation-c1-a2.prompt.md')).toMatch(
      /Exit code 1:\n\n`{4}text\n\$ echo "the second .*\nthe second line is missing, key API_TOKEN=\[redacted\]\n`{4}/,
    )
    expect(read('review-c1-a3.prompt.md')).toMatch(
      /checks were run on [0-9a-f]{40}:\n- `echo .*`: exit 0\n- `setsid .*`: exit 0\n/,
    )
    expect(read('implementation-c1-a1.check-1.log')).toContain('the second line is missing')
    expect(statSync(path('implementation-c1-a2.check-2.log')).mode & 0o777).toBe(0o600)
    expect(result.stdout).toContain('checks-failed: echo "the second line is missing')
    // What the second check did was put back, both times, and is not part of the work.
    for (const number of [1, 2]) {
      const patch = `implementation-c1-a${number}.checks.patch`
      expect(result.stdout).toContain(path(patch))
      expect(read(patch)).toMatch(/^deleted file[\s\S]*^\+new$|^\+new$[\s\S]*^deleted file/m)
    }
    expect(await mission.git('-C', laneOf(mission), 'status', '--porcelain')).toBe('')
    expect(await mission.git('-C', laneOf(mission), 'log', '--format=%s', 'work..')).toBe(
      'WP01: work of the fake agent\nWP01: work of the fake agent',
    )
    const { events } = await mission.state()
    const passed = /\ncheck echo "the second .*: pass, exit 0\ncheck setsid .*: pass, exit 0$/
    expect(events.at(-1)).toMatchObject({ reason: expect.stringMatching(passed) })
  })

  itInFull('run again after kill -9 in the middle of one, which is ended first', async () => {
    const mission = await createScenario(one)
    const go = mission.path('go')
    const ready = mission.path('ready')
    await mission.writeConfig(`checks: ['[ -f ${go} ] || { echo left > left.txt; touch ${ready}; sleep 300; }']\n`)
    const first = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await until('the check is at work', () => existsSync(ready))
    first.kill('SIGKILL')
    await first.exited
    await writeFile(go, '')

    const result = await runSko(mission, ['resume'])

    expect(result.exitCode).toBe(0)
    expect(result.events().map(({ type }) => type)).toContain('orphans-reaped')
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    expect(mission.starts().map(({ role }) => role)).toEqual(['implementation', 'review'])
    expect(logs(mission, result).read('implementation-c1-a1.leftovers.patch')).toContain('+left')
    expect(await mission.git('ls-tree', '--name-only', '-r', `kitty/mission-${mission.slug}-lane-a`)).not.toContain(
      'left',
    )
  })
})

describe('the files of a work package', () => {
  const wpFile = `---
work_package_id: WP01
subtasks: []
owned_files:
- src/WP01.txt
- docs/**
---
# WP01
`

  itInFull('are known to its reviewer, whose prompt lists what was changed outside of them', async () => {
    const mission = await createScenario({ ...one, prompts: { WP01: wpFile } })
    const command = await mission.script(
      'implementer',
      'mkdir -p docs/a kitty-specs; echo x > docs/a/b.md; echo x > src/WP01.txt; echo x > kitty-specs/x.md; echo x > "src/ä b.txt"',
    )
    await mission.writeConfig(
      `agents: {implementation: [odd], review: [codex], custom: {odd: {command: ['${command}']}}}\n`,
    )

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(0)
    expect(logs(mission, result).read('review-c1-a2.prompt.md')).toContain(
      '\nChanged outside `owned_files`:\n- kitty-specs/x.md\n- src/ä b.txt\n\n',
    )
  })

  it('are all that it may change where the project says so: its agent hears what to undo', async () => {
    const mission = await createScenario({ ...one, prompts: { WP01: wpFile } })
    const command = await mission.script(
      'implementer',
      `echo x >> src/WP01.txt; if [ -f src/other.txt ]; then git rm --quiet src/other.txt; else echo x > src/other.txt; fi`,
    )
    await mission.writeConfig(`agents: {implementation: [odd], review: [codex], custom: {odd: {command: ['${command}']}}}
review: {owned_files: refuse}
`)

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain('does not count: checks-failed: review.owned_files: exit 1')
    const { read } = logs(mission, result)
    expect(read('implementation-c1-a2.prompt.md')).toContain('undo the changes:\nsrc/other.txt\n')
    expect(read('review-c1-a3.prompt.md')).not.toContain('Changed outside')
    expect(mission.starts().map(({ role }) => role)).toEqual(['review'])
  })
})

describe('a subtask that is not marked', () => {
  it('is refused by the host, whose words reach the agent: the second attempt marks it', async () => {
    const mission = await createScenario({ ...one, subtasks: { WP01: ['T001'] } }, [
      { role: 'implementation', attempt: 1, do: 'ok', markSubtasks: false },
      { role: 'implementation', attempt: 2, do: 'no-change' },
    ])

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    const refused = result.events().filter(({ type }) => type === 'host-refused')
    expect(refused).toEqual([expect.objectContaining({ step: 'submit', message: expect.stringContaining('subtasks') })])
    expect(logs(mission, result).read('implementation-c1-a2.prompt.md')).toMatch(
      /The host refused your work[\s\S]*Its reason: .*completed subtasks/,
    )
    expect(mission.starts().map(({ role }) => role)).toEqual(['implementation', 'implementation', 'review'])
    expect(linesOf(join(mission.hostDir, 'journal.ndjson')).filter(line => line.includes('mark-status'))).toHaveLength(
      1,
    )
  })
})
