import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, linesOf, movesOf, type Scenario } from './support/scenario.ts'

const files = {
  'tests/a.test.ts': "it('adds', () => {\n  expect(sum(1, 2)).toBe(3)\n})\n",
  'tests/b.test.ts': "it('subtracts', () => {\n  expect(minus(1, 2)).toBe(-1)\n})\n",
  'scripts/check.sh': 'test -f src/common.txt\n',
  'tests/fixtures/a.json': '{"a": 1}\n',
  '.coveragerc': '[report]\nfail_under = 90\n',
}

/** What each work package does, and the question that its reviewer is asked. */
const changes = {
  WP01: ['rm tests/a.test.ts', 'tests/a.test.ts: a test file was removed, or renamed to what is no test'],
  WP02: [
    "sed -i 's/^it(/it.skip(/' tests/b.test.ts",
    "tests/b.test.ts:1: a test is skipped or others are left out (`it.skip('subtracts', () => {`)",
  ],
  WP03: [
    'echo true > scripts/check.sh',
    'scripts/check.sh:1: what the checks run was changed (`test -f src/common.txt`)',
  ],
  WP04: [
    'mkdir old && git mv tests/fixtures/a.json old/a.json',
    'tests/fixtures/a.json: a fixture was removed or moved (`now old/a.json`)',
  ],
  WP05: ["sed -i 's/90/60/' .coveragerc", '.coveragerc:2: a threshold asks for less, or is gone (`fail_under = 60`)'],
} as const
const wps = ['WP01', 'WP02', 'WP03', 'WP04', 'WP05'] as const

/** `answers`: shell that prints the list of answers; `$n` is how often this work package was reviewed, this time included. */
async function scenarioOf(some: readonly (typeof wps)[number][], answers: string): Promise<Scenario> {
  const mission = await createScenario({ shape: Object.fromEntries(some.map(wp => [wp, []])), topology: 'lanes' })
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(mission.repo, dirname(path)), { recursive: true })
    await writeFile(join(mission.repo, path), content)
  }
  await mission.git('add', 'tests', 'scripts', '.coveragerc')
  await mission.git('commit', '--quiet', '--message', 'Test')
  const cases = some.map(wp => `${wp}) ${changes[wp][0]};;`).join('\n')
  const writer = await mission.script('writer', `cat >/dev/null\ncase $SKO_WP in\n${cases}\nesac\necho done`)
  const reader = await mission.script(
    'reader',
    `echo x >> ${mission.path('reviews-')}$SKO_WP
n=$(wc -l < ${mission.path('reviews-')}$SKO_WP)
cat > ${mission.path('asked-')}$SKO_WP-$n
printf '{"verdict": "approved", "summary": "Fine.", "findings": [], "checks": [], "answers": %s}' "$(${answers})"`,
  )
  await mission.writeConfig(`agents:
  implementation: [writer]
  review: [reader]
  custom: {writer: {command: ['${writer}']}, reader: {command: ['${reader}'], review: true}}
checks: [sh scripts/check.sh]
`)
  return mission
}

const asked = (mission: Scenario, wp: string, time: number) => readFileSync(mission.path(`asked-${wp}-${time}`), 'utf8')

it('each way to make a check say less is a question of the reviewer, and in the report with the answer', async () => {
  const mission = await scenarioOf(wps, `echo '[{"question": "Q1", "answer": "'$SKO_WP' needs it"}]'`)

  const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(await lanesOf(mission)).toEqual(Object.fromEntries(wps.map(wp => [wp, 'approved'])))
  const [, section = ''] = result.stdout.split('\nTests or checks may say less than before:\n')
  for (const wp of wps) {
    const words = changes[wp][1]
    expect(asked(mission, wp, 1)).toContain(`\n\n- Q1: ${words}. Why is that right?\n`)
    expect(section).toContain(
      `\n${`  ${wp} ${words}; the reviewer answered: ${wp} needs it`}`.slice(wp === 'WP01' ? 1 : 0),
    )
    expect(linesOf(mission.path(`reviews-${wp}`))).toHaveLength(1)
  }
  const verdicts = result.events().filter(({ type }) => type === 'verdict')
  expect(verdicts).toHaveLength(5)
  for (const verdict of verdicts) expect(verdict).toMatchObject({ dilutions: [{ answer: expect.any(String) }] })
})

it('an approval without an answer does not count: the reviewer is asked once more, and told why', async () => {
  const answer = '[{"question": "Q1", "answer": "a"}]'
  const mission = await scenarioOf(
    ['WP01', 'WP02'],
    `[ $n = 2 ] && [ $SKO_WP = WP01 ] && echo '${answer}' || echo '[]'`,
  )

  const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

  expect(result.exitCode).toBe(1)
  expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'blocked' })
  const reason = (wp: keyof typeof changes) => `no verdict: approved without an answer to Q1; Q1: ${changes[wp][1]}`
  expect(asked(mission, 'WP01', 2)).toContain(`\n- Yours: ${reason('WP01')}\n`)
  expect(asked(mission, 'WP02', 2)).toContain(`\n- Yours: ${reason('WP02')}\n`)
  expect(linesOf(mission.path('reviews-WP02'))).toHaveLength(2)
  expect((await movesOf(mission)).filter(move => /^WP02 .*-> (?:approved|done)$/.test(move))).toEqual([])
})
