import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runSko, type SkoResult, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, linesOf, logsOf, type Scenario, until } from './support/scenario.ts'

const approval = '{"verdict": "approved", "summary": "Fine.", "findings": [], "checks": []}'
const ofBase = '(with the protected files of the base)'

/** What the agent of each work package does, as shell; `$n` is how often it was started, this time included. */
const works = {
  // Makes the test pass by weakening it, until it is given what the old one says.
  weakens: `if grep -q 'protected files (checks.protect)' prompt.md; then echo right > src/answer.txt
else echo wrong > src/answer.txt; echo 'echo weaker' > guard/one.sh; git mv guard/two.sh guard/renamed.sh; fi`,
  // Never repairs anything.
  insists: 'echo "wrong $n" > src/answer.txt; echo true > guard/one.sh',
  // Adds a test, and more to another one.
  adds: `echo right > src/answer.txt; echo 'grep -q right src/answer.txt' > guard/three.sh
echo 'test -f guard/three.sh' >> guard/two.sh`,
  'leaves them alone': 'echo right > src/answer.txt',
} as const

/** Each check notes where it ran and which tests it had. */
async function scenarioOf(work: keyof typeof works, beforeTests = ''): Promise<Scenario> {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
  await mkdir(join(mission.repo, 'guard'))
  await writeFile(
    join(mission.repo, 'guard/one.sh'),
    '! grep -q wrong src/answer.txt || { echo the answer is wrong; exit 7; }\n',
  )
  await writeFile(join(mission.repo, 'guard/two.sh'), 'test -f src/common.txt\n')
  await mission.git('add', 'guard')
  await mission.git('commit', '--quiet', '--message', 'Guard')
  const started = mission.path('started')
  const writer = await mission.script(
    'writer',
    `cat > prompt.md
echo x >> ${started}
n=$(wc -l < ${started})
${works[work]}
rm prompt.md
echo done`,
  )
  const reader = await mission.script('reader', `cat >/dev/null; echo '${approval}'`)
  const tests = await mission.script(
    'tests',
    `case $PWD in */.worktrees/*) at=lane;; *) at=scratch;; esac
echo "$at $SKO_WP $(ls guard | tr '\\n' ' ')" >> ${mission.path('runs')}
${beforeTests}
for test in guard/*.sh; do sh $test || exit; done`,
  )
  mkdirSync(mission.path('tmp'))
  await mission.writeConfig(`agents:
  implementation: [writer]
  review: [reader]
  max_retries: 1
  custom: {writer: {command: ['${writer}']}, reader: {command: ['${reader}'], review: true}}
checks: {run: ['${tests}'], protect: [guard], also_base: true}
`)
  return mission
}

const orchestrate = (mission: Scenario, ...more: readonly string[]) =>
  startSko(mission, ['orchestrate', '--mission', mission.slug, ...more], { env: { TMPDIR: mission.path('tmp') } })

const runs = (mission: Scenario) => linesOf(mission.path('runs')).map(line => line.trim())
const left = (mission: Scenario) => readdirSync(mission.path('tmp')).filter(name => name.startsWith('sko-'))

function fileOf(mission: Scenario, result: SkoResult, name: string): string {
  return readFileSync(join(logsOf(mission, result.events()[0]?.runId ?? '', 'WP01'), name), 'utf8')
}

describe('with checks.also_base', () => {
  it('work that weakens a test is given what the old one says, and is approved once it is right', async () => {
    const mission = await scenarioOf('weakens')
    const base = await mission.git('rev-parse', 'HEAD')

    const result = await orchestrate(mission).exited

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    expect(runs(mission)).toEqual([
      'lane WP01 one.sh renamed.sh',
      'scratch WP01 one.sh two.sh',
      'lane WP01 one.sh renamed.sh',
      'scratch WP01 one.sh two.sh',
    ])
    expect(result.stdout).toContain(`tests ${ofBase}: exit 7`)
    const prompt = fileOf(mission, result, 'implementation-c1-a2.prompt.md')
    expect(prompt).toMatch(/\n\$ \S+ \(with the protected files of the base\)\nthe answer is wrong\n/)
    expect(prompt).toMatch(
      /as they were before it, at\n([0-9a-f]{40});[^-]*\n- guard\/one\.sh\n- guard\/renamed\.sh\n- guard\/two\.sh\n\n[\s\S]*`git diff \1 -- <file>`/,
    )
    expect(prompt).toContain(base)
    expect(fileOf(mission, result, 'implementation-c1-a1.check-1.base.log')).toBe('the answer is wrong\n')
    expect(fileOf(mission, result, 'implementation-c1-a1.check-1.log')).toBe('weaker\n')
    expect(fileOf(mission, result, 'review-c1-a3.prompt.md')).toMatch(
      /tests`: exit 0\n- `\S+ \(with the .*base\)`: exit 0\n/,
    )
    expect(left(mission)).toEqual([])
    expect(await mission.git('worktree', 'list', '--porcelain')).not.toContain(mission.path('tmp'))
  })

  it('work that only weakens a test asks a person, and no reviewer sees it', async () => {
    const mission = await scenarioOf('insists')

    const result = await orchestrate(mission).exited

    expect(result.exitCode).toBe(1)
    expect(await lanesOf(mission)).toEqual({ WP01: 'blocked' })
    expect(result.events().filter(({ type, role }) => type === 'attempt-started' && role === 'review')).toEqual([])
    expect(left(mission)).toEqual([])
  })

  it('work that adds tests passes, and what the base has said does not count for the merge', async () => {
    const mission = await scenarioOf('adds')

    const result = await orchestrate(mission, '--merge', 'merge').exited

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(runs(mission)).toEqual(['lane WP01 one.sh three.sh two.sh', 'scratch WP01 one.sh two.sh'])
    const combined = result.events().filter(({ type }) => type === 'combined-check')
    expect(combined).toEqual([expect.objectContaining({ state: 'passed', again: true })])
    expect(await mission.git('show', 'work:guard/three.sh')).toContain('right')
    const status = await runSko(mission, ['status', '--json'])
    expect([status.exitCode, status.stderr]).toEqual([0, ''])
    expect(left(mission)).toEqual([])
  })

  it('work that leaves protected files alone is checked once', async () => {
    const mission = await scenarioOf('leaves them alone')

    const result = await orchestrate(mission).exited

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(runs(mission)).toEqual(['lane WP01 one.sh two.sh'])
  })

  it.each(['SIGINT', 'SIGKILL'] as const)(
    '%s during the second run: resume runs both again, and nothing is left',
    async signal => {
      const wait = '[ $at = lane ] || [ -f "$0.go" ] || { touch "$0.ready"; sleep 300; }'
      const mission = await scenarioOf('adds', wait)
      const sko = orchestrate(mission)
      await until('the second run has begun', () => existsSync(mission.path('tests.ready')))
      sko.kill(signal)
      await sko.exited
      await writeFile(mission.path('tests.go'), '')

      const result = await runSko(mission, ['resume'], { env: { TMPDIR: mission.path('tmp') } })

      expect([result.exitCode, result.stderr]).toEqual([0, ''])
      expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
      const both = ['lane WP01 one.sh three.sh two.sh', 'scratch WP01 one.sh two.sh']
      expect(runs(mission)).toEqual([...both, ...both])
      expect(linesOf(mission.path('started'))).toHaveLength(1)
      expect(left(mission)).toEqual([])
    },
  )
})

it('doctor says that protected files are also run as the base has them', async () => {
  const mission = await scenarioOf('adds')
  const result = await runSko(mission, ['doctor'])
  expect(result.stdout).toContain('; 2 files protected, also run as the base has them')
})
