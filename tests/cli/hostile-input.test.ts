import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, linesOf, logsOf, type Scenario } from './support/scenario.ts'

/** Everything that works on a terminal, hides text or reorders it. */
const codes = [
  '\u001b[2J\u001b[31m\u001b[?1049h',
  '\u001b]0;title\u0007\u001b]8;;https://x.invalid\u001b\\\u001b]52;c;aGk=\u0007',
  '\u001bPq\u001b\\\u001b_x\u001b\\\u001bc\u0007\u0008\u0000\u007f',
  '\u0085\u0090\u009b31m\u009c',
  'one\rtwo \u061c\u200b\u200f\u202e\u2066\u2069\ufeff\u00ad\u{e0041}',
].join('')
/** Of these there must be nothing anywhere: each of the shapes holds the letters QXq. */
const secrets = [
  'AKIAQXQXQXQXQXQXQXQX',
  'ghp_QXqx12345678901234567890',
  'github_pat_QXqx1234567890_1234567890',
  'sk-ant-api03-QXqx1234567890-QXqx',
  'xoxb-QXqx-123456789012',
  'AIzaQXqxQXqxQXqxQXqxQXqxQXqxQXqxQXqxQXq',
  'eyJQXqxQXqxQX.eyJQXqxQXqxQX.QXqxQXqxQX',
  'Authorization: Bearer QXqxQXqxQXqxQXqx',
  'https://user:QXqxQXqx@example.invalid/x',
  'API_KEY=QXqxQXqxQXqx',
  '-----BEGIN RSA PRIVATE KEY-----\nQXqxQXqxQXqxQXqx\nQXqxQXqxQXqxQXqx\n-----END RSA PRIVATE KEY-----',
]
const hostile = (what: string) => `${what} ${codes} ${secrets.join(' ')} ${codes}`
const finding = {
  severity: 'high',
  file: hostile('file'),
  line: 1,
  problem: hostile('problem'),
  change: hostile('change'),
}
/** One finding is at a place that exists. `earlier`: what it says about the finding of the last review. */
const verdict = (word: string, earlier: readonly unknown[] = []) => ({
  verdict: word,
  summary: hostile(`summary of ${word}`),
  findings: earlier.length > 0 ? [] : [finding, { ...finding, file: 'src/WP01.txt' }],
  earlier,
  checks: [{ command: hostile('command'), exitCode: 0, observed: hostile('observed') }],
})
const stated = { number: 1, state: 'open', file: hostile('file'), line: 1, note: hostile('note') }
const record = (fields: object) =>
  `${JSON.stringify({ ...fields, session: hostile('session'), in: -1, out: 1e308, usd: 'x' })}\n`

/** The n-th start of the agent prints the n-th of these and exits so. */
const starts = [
  {
    role: 'implementation',
    print: record({ status: hostile('status'), words: hostile('words of a failure') }),
    exit: 0,
  },
  { role: 'implementation', print: `${'x'.repeat(70_000)} ${hostile('end of a line of 70 kB')}`, exit: 1 },
  { role: 'implementation', print: record({ status: 'ok', answer: hostile('last words') }), exit: 0 },
  { role: 'review', print: record({ status: 'ok', answer: verdict('changes_requested') }), exit: 0 },
  { role: 'review', print: record({ status: 'ok', answer: verdict('changes_requested') }), exit: 0 },
  { role: 'implementation', print: record({ status: 'ok', answer: hostile('last words') }), exit: 0 },
  { role: 'review', print: record({ status: 'ok', answer: verdict('changes_requested', [stated]) }), exit: 0 },
] as const

async function speaking(mission: Scenario): Promise<void> {
  mkdirSync(mission.path('told'))
  for (const [index, { print }] of starts.entries()) writeFileSync(mission.path(`says-${index + 1}`), print)
  const exits = starts.map(({ exit }, index) => `${index + 1}) exit ${exit};;`).join(' ')
  const command = await mission.script(
    'speaker',
    `n=1; until mkdir '${mission.path('start')}'-$n 2>/dev/null; do n=$((n + 1)); done
[ "$1" = look ] || echo $n >> src/$SKO_WP.txt
cat '${mission.path('says')}'-$n; cat '${mission.path('says')}'-$n >&2
case $n in ${exits} esac`,
  )
  const notify = await mission.script(
    'notify',
    `cat > '${mission.path('told')}'/$$; echo "$SKO_EVENT" >> '${mission.path('told')}'/names`,
  )
  await mission.writeConfig(`agents:
  max_retries: 4
  implementation: [speaker]
  review: [speaker]
  custom:
    speaker:
      command: ['${command}', write]
      review: true
      review_command: ['${command}', look]
      success: {path: status, equals: ok}
      failure: {path: status, classes: {none: refused}, message: words}
      final_message: answer
      session_id: session
      usage: {input_tokens: in, output_tokens: out, cost_usd: usd}
review: {reviewer: any, max_cycles: 2}
checks: ['printf "%s" "$(cat ${mission.path('says-1')})"; test $(wc -l < src/WP01.txt) -gt 2']
notify: {command: '${notify}'}
`)
}

describe('an agent that prints what works on a terminal, and secrets', () => {
  it('gets none of it to the terminal, the events, the state, the host, the notifier or a prompt', async () => {
    const prompts = { WP01: `---\nwork_package_id: WP01\nsubtasks: []\n---\n# A title that ${codes}\n` }
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes', prompts })
    await speaking(mission)

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug], { timeoutMs: 110_000 })

    expect(result.exitCode).toBe(1)
    expect(await lanesOf(mission)).toEqual({ WP01: 'blocked' })
    const runId = String(result.events()[0]?.runId)
    const kittify = join(mission.repo, '.kittify')
    const read = (...path: readonly string[]) => readFileSync(join(kittify, ...path), 'utf8')
    const logs = logsOf(mission, runId, 'WP01')
    const named = readdirSync(logs).filter(name => name.endsWith('.prompt.md'))
    const title = prompts.WP01.slice(prompts.WP01.indexOf('# A title'))
    const told = readdirSync(mission.path('told')).map(name => readFileSync(join(mission.path('told'), name), 'utf8'))
    const status = await runSko(mission, ['status'])
    const statusJson = await runSko(mission, ['status', '--json'])
    const sinks = {
      stdout: result.stdout,
      stderr: result.stderr,
      status: status.stdout + status.stderr,
      statusJson: statusJson.stdout,
      events: read('logs', runId, 'events.ndjson'),
      diagnosis: read('logs', runId, 'orchestrator.log'),
      state: read('orchestrator-run-state.json'),
      backup: read('orchestrator-run-state.json.bak'),
      host: (await mission.journal()).flatMap(({ argv }) => argv).join('\n'),
      hostEvents: JSON.stringify((await mission.state()).events),
      notify: told.join('\n'),
      prompts: named.map(name => readFileSync(join(logs, name), 'utf8').replace(title, '')).join('\n'),
    }
    const leaks = Object.entries(sinks).flatMap(([sink, text]) => [
      ...[...text.matchAll(/.{0,30}qxq?.{0,30}/gi)].map(([found]) => `${sink}: ${found}`),
      ...[...text.matchAll(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}\u2028\u2029]/gu)].map(({ index }) => {
        return `${sink}: ${JSON.stringify(text.slice(Math.max(0, index - 40), index + 10))}`
      }),
      ...(/\\u(?:001b|009b|202e)/.test(text) ? [`${sink}: an escape written out`] : []),
    ])
    expect(leaks).toEqual([])
    // It was quoted, not left out.
    expect(sinks.prompts).toContain('problem')
    for (const sink of ['stdout', 'events', 'state', 'host', 'notify'] as const) {
      expect(sinks[sink]).toMatch(/summary of changes_requested|words of a failure/)
    }
    expect(linesOf(join(mission.path('told'), 'names'))).toContain('needs-person')
    // The log is what was printed, byte for byte.
    expect(readFileSync(join(logs, 'implementation-c1-a1.out.log'), 'utf8')).toBe(starts[0].print)
    expect((await runSko(mission, ['logs', 'WP01'])).stdout).toBe(starts[6].print)
  }, 180_000)
})

/** Reliability test 27. */
describe('a repository whose path has blanks, quotes, a line break, a dash, a dollar and letters of other scripts', () => {
  it('is worked in like any other, and nothing is written outside .kittify and the lane worktrees', async () => {
    const mission = await createScenario({
      shape: { WP01: [] },
      topology: 'lanes',
      folder: '-a "b" \'c\' $(touch pwned)\nd `e` \u65e5\u672c \u202e',
    })
    const before = filesOf(mission)

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug], { timeoutMs: 110_000 })

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    expect(result.stdout).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    expect(result.stdout.split('\n').filter(line => line.startsWith('d `e`'))).toEqual([])
    expect(filesOf(mission)).toEqual(before)
    const flags = (await mission.journal()).flatMap(({ argv }) => argv.filter(argument => argument.startsWith('-')))
    const known = [
      '--mission',
      '--wp',
      '--actor',
      '--policy',
      '--to',
      '--note',
      '--review-result-json',
      '--evidence-json',
    ]
    expect(flags.filter(flag => !known.includes(flag))).toEqual([])
  }, 180_000)
})

/** Of the repository, but what is ours, the host's and git's own. */
function filesOf({ repo }: Scenario): readonly string[] {
  return readdirSync(repo, { recursive: true, encoding: 'utf8' })
    .filter(path => !/^(?:\.git|\.kittify|\.worktrees|kitty-specs)(?:\/|$)/.test(path))
    .toSorted()
}
