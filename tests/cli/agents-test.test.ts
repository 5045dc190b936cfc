import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { removeScratch } from '../../src/agent-trial/scratch.ts'
import { cover } from '../in-full.ts'
import { processesWithMarker } from './support/leaks.ts'
import { runSko, type SkoOptions, startSko } from './support/run-sko.ts'
import { type AgentRule, createScenario, type Scenario } from './support/scenario.ts'

const single = { shape: { WP01: [] }, topology: 'lanes' } as const
const implements_: AgentRule = { role: 'implementation', do: 'leave-dirty', write: 'hello.txt' }

async function trial(
  rules: readonly AgentRule[],
): Promise<{ readonly mission: Scenario; readonly options: SkoOptions }> {
  const mission = await createScenario(single, rules)
  const temporary = mission.path('tmp')
  await mkdir(temporary)
  return { mission, options: { env: { TMPDIR: temporary }, cwd: mission.path('home') } }
}

/** What is left in the temporary folder. */
function left(mission: Scenario): readonly string[] {
  return readdirSync(mission.path('tmp'))
}

describe('sko agents test', () => {
  it('0 when all holds: says so line by line, and leaves nothing', async () => {
    const { mission, options } = await trial([implements_])

    const result = await runSko(mission, ['agents', 'test', 'claude-code'], options)

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    const lines = result.stdout.split('\n')
    expect(lines[0]).toMatch(/costs a little money/)
    expect(lines.filter(line => /^(?:ok|FAIL) /.test(line)).map(line => line.replace(/[\d.]+ s,/, 'n s,'))).toEqual([
      'ok   implementation: expected: exit 0 and its own record of success; observed: it succeeded (n s, usage 340 tokens, $0.00)',
      'ok   work: expected: a new file hello.txt; observed: hello.txt: left uncommitted, so it was committed for the agent',
      'ok   review: expected: exit 0 and its own record of success; observed: it succeeded (n s, usage 340 tokens, $0.00)',
      'ok   verdict: expected: a verdict that sko can read; observed: approved, 0 finding(s): It does what the work package asks.',
      'ok   read-only: expected: tree and HEAD as they were before the review; observed: unchanged',
    ])
    expect(result.stdout).toMatch(/^version +2\.1\.329$/m)
    expect(mission.starts().map(({ agent, role }) => [agent, role])).toEqual([
      ['claude-code', 'implementation'],
      ['claude-code', 'review'],
    ])
    expect(left(mission)).toEqual([])
    expect(await mission.journal()).toEqual([])
  })

  it('takes model and arguments from the project around it, whether the agent is used there or not', async () => {
    const { mission, options } = await trial([{ ...implements_, do: 'commit' }])
    await mission.writeConfig(`agents:
  implementation: [codex]
  review: [codex]
  settings: {claude-code: {enabled: false, model: opus, review: {args: [--max-turns, '7']}}}
`)

    const args = ['agents', 'test', 'claude-code', '--json', '--keep']
    const result = await runSko(mission, args, { ...options, cwd: mission.repo })

    expect([result.exitCode, result.stderr]).toEqual([
      0,
      expect.stringMatching(/^This runs claude-code twice.*money\.\n$/),
    ])
    const [implementation, review] = mission.starts()
    expect(implementation?.argv.join(' ')).toMatch(/--model opus$/)
    expect(review?.argv.join(' ')).toMatch(/--model opus --max-turns 7$/)
    expect(result.stdout).toMatch(/^\{.*\}\n$/)
    const told = JSON.parse(result.stdout)
    expect(told).toMatchObject({ id: 'claude-code', ok: true, interrupted: false, verdict: { verdict: 'approved' } })
    expect(told.checks[1]).toMatchObject({ check: 'work', held: true, observed: 'hello.txt: committed by the agent' })
    expect(left(mission)).toEqual([told.folder.split('/').at(-1)])
    expect(await readFile(`${told.attempts[1].log}.prompt.md`, 'utf8')).toContain('# Review WP01')
  })

  it.each(
    cover<{ name: string; agent: string; rules: readonly AgentRule[]; failed: readonly string[] }>(2, [
      {
        name: 'a reviewer that writes',
        agent: 'claude-code',
        rules: [implements_, { role: 'review', do: 'edit-and-approve' }],
        failed: [
          'read-only: expected: tree and HEAD as they were before the review; observed: changed; the change was undone',
        ],
      },
      {
        name: 'prose in place of a verdict',
        agent: 'codex',
        rules: [implements_, { role: 'review', do: 'prose' }],
        failed: ['verdict: expected: a verdict that sko can read; observed: no verdict: the answer does not end with'],
      },
      {
        name: 'a rate limit',
        agent: 'claude-code',
        rules: [{ role: 'implementation', do: 'rate-limit' }],
        failed: [
          'implementation: expected: exit 0 and its own record of success; observed: it failed as rate-limit: API Error',
          'work: expected: a new file hello.txt; observed: no file was changed',
        ],
      },
      {
        name: 'an agent that breaks when the work is there',
        agent: 'claude-code',
        rules: [{ ...implements_, do: 'dirty-and-fail' }],
        failed: [
          'implementation: expected: exit 0 and its own record of success; observed: it failed as agent-error: it broke',
        ],
      },
      {
        name: 'another change than the one asked for',
        agent: 'codex',
        rules: [{ role: 'implementation', do: 'ok', write: 'other.txt' }],
        failed: ['work: expected: a new file hello.txt; observed: other.txt: left uncommitted'],
      },
    ]),
  )('1 for $name, with the logs kept', async ({ agent, rules, failed }) => {
    const { mission, options } = await trial(rules)

    const result = await runSko(mission, ['agents', 'test', agent], options)

    expect([result.exitCode, result.stderr]).toEqual([1, ''])
    const lines = result.stdout.split('\n').filter(line => line.startsWith('FAIL '))
    expect(lines).toEqual(failed.map(text => expect.stringContaining(`FAIL ${text}`)))
    expect(result.stdout).toContain(`${agent} does not do what a run needs.`)
    const [folder = ''] = left(mission)
    expect(result.stdout).toContain(`Kept in ${join(mission.path('tmp'), folder)}`)
    for (const [, log = ''] of result.stdout.matchAll(/^\w+: (\S+)\.out\.log/gm)) {
      expect(existsSync(`${log}.out.log`) && existsSync(`${log}.err.log`)).toBe(true)
    }
  })

  it.each(
    cover(1, [
      {
        name: 'an implementation that removes the scratch folder',
        implement: 'cd ../../..; rm -rf "$PWD"; echo Done',
        review: 'true',
        failed: /^FAIL work: .*; observed: in its lane worktree, there is no repository at /,
      },
      {
        name: 'a reviewer that removes its worktree',
        implement: 'echo hello > hello.txt; echo Done',
        review: `rm -rf "$PWD"; echo '{"verdict":"approved","summary":"Fine.","findings":[],"checks":[]}'`,
        failed: /^FAIL read-only: .*; observed: its worktree is gone$/,
      },
    ]),
  )('1, and no stack trace, for $name', async ({ implement, review, failed }) => {
    const { mission, options } = await trial([])
    const program = mission.path('home/mean')
    await writeFile(
      program,
      `#!/bin/sh\ncat > /dev/null\nif [ "$1" = review ]; then ${review}; else ${implement}; fi\n`,
    )
    await chmod(program, 0o755)
    await mission.writeConfig(`agents:
  custom: {mean: {command: ['${program}'], review: true, review_command: ['${program}', review]}}
`)

    const result = await runSko(mission, ['agents', 'test', 'mean'], { ...options, cwd: mission.repo })

    expect([result.exitCode, result.stderr]).toEqual([1, ''])
    expect(result.stdout.split('\n')).toContainEqual(expect.stringMatching(failed))
  })

  it('2 when git refuses the scratch repository, and leaves none', async () => {
    const { mission, options } = await trial([])
    await mkdir(mission.path('gits'))
    const { PATH } = { ...mission.env, ...options.env }
    // What an environment says of git is kept from our calls, so it is git itself that refuses.
    const refusing = `case " $* " in *" commit "*) echo "fatal: never" >&2; exit 128 ;; esac\nPATH='${PATH}' exec git "$@"`
    await mission.script('gits/git', refusing)
    const env = { ...options.env, PATH: `${mission.path('gits')}${delimiter}${PATH}` }

    const result = await runSko(mission, ['agents', 'test', 'codex'], { ...options, env })

    expect(result.exitCode).toBe(2)
    expect(result.stderr).toMatch(/^sko: cannot make a scratch repository: git commit: .*never/)
    expect(left(mission)).toEqual([])
  })

  it('tells of a scratch folder that cannot be removed', async () => {
    const { mission } = await trial([])

    expect(await removeScratch(mission.path(`tmp/${'x'.repeat(300)}`))).toBe(false)
  })

  it('130 after Ctrl+C, with the agent ended and nothing left', async () => {
    const { mission, options } = await trial([{ role: 'implementation', do: 'hang' }])
    const sko = startSko(mission, ['agents', 'test', 'codex'], options)
    await mission.waitForStart({ role: 'implementation' })

    sko.kill('SIGINT')

    const result = await sko.exited
    expect([result.exitCode, result.stderr]).toEqual([130, ''])
    expect(result.stdout).toContain('stopping the agent')
    expect(processesWithMarker('SKO_REPO', mission.path('tmp'))).toEqual([])
    expect(left(mission)).toEqual([])
  })
})
