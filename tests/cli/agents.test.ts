import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { expectRefused } from './support/expect-refused.ts'
import { runSko, startSko } from './support/run-sko.ts'
import { createScenario, isAlive, lanesOf, linesOf, type Scenario, until } from './support/scenario.ts'

const single = { shape: { WP01: [] }, topology: 'lanes' } as const

/** PATH with nothing but what is named; `text` is a shell script, whose first argument is looked at. */
async function pathWith(mission: Scenario, programs: Readonly<Record<string, string>>): Promise<string> {
  const bin = mission.path('bin')
  await mkdir(bin)
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  }
  const git = (await execa('sh', ['-c', 'command -v git'])).stdout
  const own = { git, node: process.execPath, 'spec-kitty': mission.hostCommand }
  for (const [name, target] of Object.entries(own)) await symlink(target, join(bin, name))
  return [bin, '/usr/bin', '/bin'].join(delimiter)
}

const hangs = (pids: string) => `echo $$ >> '${pids}'; while :; do sleep 300; done`

describe('sko agents', () => {
  it('tells what is there of every agent and where the configuration uses it', async () => {
    const mission = await createScenario(single)
    const PATH = await pathWith(mission, {
      claude:
        'case $1 in --version) echo "2.2.1 (Claude Code)";; *) [ "$1 $2 $PLAN" = "auth status never-told" ];; esac',
      codex: 'case $1 in --version) echo "codex-cli 0.169.3";; *) exit 1;; esac',
      mine: 'exit 0',
    })
    await mission.writeConfig(`agents:
  implementation: [mine, codex, claude-code]
  review: [claude-code, codex]
  custom: {mine: {command: [mine]}}
  settings: {claude-code: {args: [--verbose], env: {PLAN: never-told}}}
`)

    const env = { PATH, CODEX_API_KEY: 'never-told' }

    const [json, text] = await Promise.all([
      runSko(mission, ['agents', '--json'], { env }),
      runSko(mission, ['agents'], { env }),
    ])

    expect([json.exitCode, json.stderr, text.exitCode, text.stderr]).toEqual([0, '', 0, ''])
    expect(json.stdout).toMatch(/^\{.*\}\n$/)
    const { agents } = JSON.parse(json.stdout)
    const found = (id: string) => agents.find((agent: { readonly id: string }) => agent.id === id)
    expect(found('claude-code')).toMatchObject({
      builtIn: true,
      installed: true,
      program: join(mission.path('bin'), 'claude'),
      version: '2.2.1',
      versionStatus: 'outside',
      testedRange: '>=2.1.329 <2.2.0',
      signedIn: 'yes',
      signedInBy: 'auth status',
      roles: ['implementation', 'review'],
      reviewerIsReadOnly: false,
      uses: [
        { role: 'implementation', place: 3 },
        { role: 'review', place: 1 },
      ],
      warning: 'claude-code 2.2.1 is outside the tested range >=2.1.329 <2.2.0',
    })
    expect(found('codex')).toMatchObject({
      version: '0.169.3',
      versionStatus: 'tested',
      signedIn: 'likely',
      signedInBy: 'CODEX_API_KEY',
      warning: null,
    })
    expect(found('mine')).toMatchObject({ builtIn: false, installed: true, versionStatus: 'not-asked' })
    expect(text.stdout).toMatch(
      /^codex +0\.169\.3 +likely \(CODEX_API_KEY\) +implementation, review +read-only +implementation 2nd, review 2nd +\//m,
    )
    expect(text.stdout).toMatch(/^mine +not asked +unknown +implementation +- +implementation 1st +\//m)
    expect(text.stdout).toMatch(
      /^warning: claude-code 2\.2\.1 is outside the tested range >=2\.1\.329 <2\.2\.0; next: sko agents test claude-code \(/m,
    )
    expect(json.stdout + text.stdout).not.toContain('never-told')
    expect(await mission.journal()).toEqual([])
  })

  it('works outside a project, and where nothing is installed', async () => {
    const mission = await createScenario(single)
    const PATH = await pathWith(mission, {})
    const options = { env: { PATH }, cwd: mission.path('home') }

    const [json, named] = await Promise.all([
      runSko(mission, ['agents', '--json'], options),
      runSko(mission, ['agents', '--repo-root', '.'], options),
    ])

    expect([json.exitCode, named.exitCode]).toEqual([0, 2])
    const { agents } = JSON.parse(json.stdout)
    expect(agents.length).toBeGreaterThan(1)
    for (const agent of agents)
      expect(agent).toMatchObject({ installed: false, version: null, uses: [], warning: null })
    expect(named.stderr).toContain('not in a git repository')
  })

  it('ends what it asks when it is ended itself', async () => {
    const mission = await createScenario(single)
    const pids = mission.path('pids')
    const PATH = await pathWith(mission, { claude: hangs(pids), codex: hangs(pids) })
    const sko = startSko(mission, ['agents'], { env: { PATH } })
    const asked = await until('both to be asked', () => linesOf(pids).length === 2 && linesOf(pids).map(Number))

    sko.kill('SIGINT')

    expect((await sko.exited).signal).toBe('SIGINT')
    await until('both to be gone', () => !asked.some(isAlive))
  })
})

describe('a run', () => {
  it('warns once of an agent outside its tested range, and is not held up by one that does not answer', async () => {
    const mission = await createScenario(single)
    const pids = mission.path('pids')
    const fakes = join(mission.hostCommand, '..')
    const PATH = await pathWith(mission, {
      claude: `[ "$1" = --version ] && echo 2.0.5 && exit; exec '${fakes}/claude' "$@"`,
      codex: `[ "$1" = --version ] && { ${hangs(pids)}; }; exec '${fakes}/codex' "$@"`,
    })
    const message = 'claude-code 2.0.5 is outside the tested range >=2.1.329 <2.2.0'

    const run = await runSko(mission, ['orchestrate', '--mission', mission.slug], { env: { PATH } })

    expect(run.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    const warnings = run.events().filter(event => event.type === 'agent-untested')
    expect(warnings.map(({ agent, reason }) => `${agent} ${reason}`)).toEqual([message])
    expect(run.stdout.split('\n').filter(line => line.includes(`warning: ${message}`))).toHaveLength(1)
    expect(linesOf(pids).map(Number).some(isAlive)).toBe(false)
    expect(mission.starts().map(start => start.role)).toEqual(['implementation', 'review'])
  })

  it('is planned with the same warning', async () => {
    const mission = await createScenario(single)
    const PATH = await pathWith(mission, { claude: 'echo 2.0.5', codex: 'echo codex-cli 0.169.0' })

    const plan = await runSko(mission, ['plan', '--mission', mission.slug], { env: { PATH } })

    expect(plan.exitCode).toBe(0)
    const warned = plan.stdout.split('\n').filter(line => line.startsWith('warn '))
    expect(warned).toEqual(['warn version: claude-code 2.0.5 is outside the tested range >=2.1.329 <2.2.0'])
  })
})

describe('sko agents test, refused', () => {
  it('2 for an agent that does not exist, with the nearest name', async () => {
    const mission = await createScenario(single)

    await expectRefused(
      mission,
      await runSko(mission, ['agents', 'test', 'claud']),
      2,
      '"claud"',
      'did you mean claude-code?',
    )
    await expectRefused(
      mission,
      await runSko(mission, ['agents', 'test', 'a\u001b[2Jb']),
      2,
      'known: claude-code, codex',
    )
  })

  it('5 for one that is not installed', async () => {
    const mission = await createScenario(single)
    const PATH = await pathWith(mission, {})

    const result = await runSko(mission, ['agents', 'test', 'codex'], { env: { PATH } })

    await expectRefused(mission, result, 5, 'codex is not installed: no codex on PATH', 'sko agents')
  })
})
