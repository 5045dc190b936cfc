import { mkdir, symlink } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { cover, describeInFull } from '../in-full.ts'
import { expectRefused } from './support/expect-refused.ts'
import type { Fault } from './support/fake-state.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario } from './support/scenario.ts'

/** Row 0 of the table is in straight.test.ts; 4, 129, 130 and 143 are in signals.test.ts. */
const single = { shape: { WP01: [] }, topology: 'lanes' } as const

function orchestrate(mission: Scenario, ...flags: readonly string[]) {
  return runSko(mission, ['orchestrate', '--mission', mission.slug, ...flags])
}

describe('exit 1: the run came to its end', () => {
  it('1 when a person is needed, and says for what', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' }, [
      { wp: 'WP01', role: 'implementation', do: 'no-change', times: 0 },
    ])

    const result = await orchestrate(mission)

    expect([result.exitCode, result.stderr]).toEqual([1, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'blocked', WP02: 'planned' })
    expect(result.stdout).toMatch(
      /^Needs attention:\n {2}WP01: .*no-change.*\n(?: {4}.*\n)+ {2}WP02: it waits for WP01 \(blocked\)$/m,
    )
    expect(result.stdout).toMatch(/^Next:\n {2}sko retry WP01 {3}\(.*\)\n {2}sko resume {3}\(.*\)$/m)
  })
})

describe('exit 2: usage and configuration', () => {
  it.each(
    cover<{ name: string; flags?: readonly string[]; config?: string; said: readonly string[] }>(2, [
      {
        name: 'an unknown flag',
        flags: ['--max-concurent', '2'],
        said: ["unknown option '--max-concurent'", '--help'],
      },
      { name: 'an unknown agent', flags: ['--impl-agent', 'claud'], said: ['--impl-agent', 'claude-code, codex'] },
      {
        name: 'a wrong value in the configuration',
        config: 'max_concurrent_wps: many\n',
        said: ['orchestrator.yaml:1'],
      },
      { name: 'a budget of nothing', flags: ['--budget-usd', '0'], said: ['--budget-usd', '0'] },
      { name: 'a budget in words', flags: ['--wp-budget-tokens', 'many'], said: ['--wp-budget-tokens', 'number'] },
    ]),
  )('$name', async ({ flags = [], config, said }) => {
    const mission = await createScenario(single)
    if (config !== undefined) await mission.writeConfig(config)

    await expectRefused(mission, await orchestrate(mission, ...flags), 2, ...said)
  })

  it('no mission named', async () => {
    const mission = await createScenario(single)

    await expectRefused(mission, await runSko(mission, ['orchestrate']), 2, '--mission is missing', mission.slug)
  })

  it('not in a git repository, or in one without .kittify', async () => {
    const mission = await createScenario(single)
    const outside = mission.path('outside')
    await mkdir(outside)
    const args = ['orchestrate', '--mission', mission.slug]

    await expectRefused(
      mission,
      await runSko(mission, args, { cwd: outside }),
      2,
      'not in a git repository',
      '--repo-root',
    )
    await execa('git', ['init', '--quiet', outside], { env: mission.env })
    await expectRefused(mission, await runSko(mission, args, { cwd: outside }), 2, 'no .kittify', 'spec-kitty init')
  })
})

describe('exit 3: the host', () => {
  it.each(
    cover<{ name: string; fault: Fault; said: readonly string[] }>(4, [
      { name: 'prints garbage', fault: { fault: 'garbage' }, said: ['Loading…', 'host.command'] },
      { name: 'falls over', fault: { fault: 'traceback' }, said: ['RuntimeError: planned by the test', 'defect'] },
      { name: 'is killed', fault: { fault: 'die-before' }, said: ['SIGKILL'] },
      { name: 'wants the project upgraded', fault: { fault: 'exit', code: 4 }, said: ['spec-kitty upgrade'] },
      { name: 'prints a web page', fault: { fault: 'html' }, said: ['<!DOCTYPE html>'] },
      { name: 'prints nothing', fault: { fault: 'nothing' }, said: ['nothing on stdout'] },
      { name: 'answers another command', fault: { fault: 'wrong-command' }, said: ['another command', 'list-ready'] },
      { name: 'answers without data', fault: { fault: 'success-without-data' }, said: ['data'] },
      { name: 'answers twice in one line', fault: { fault: 'two-documents' }, said: ['contract-version'] },
      { name: 'is older than the project', fault: { fault: 'exit', code: 5 }, said: ['spec-kitty-cli'] },
    ]),
  )('$name', async ({ fault, said }) => {
    const mission = await createScenario(single)
    await mission.setFaults([
      { ...fault, command: 'mission-state' },
      { ...fault, command: 'contract-version' },
    ])

    await expectRefused(mission, await orchestrate(mission), 3, ...said)
  })

  it.each(
    cover(1, [
      { version: '1.3.9', said: 'too old' },
      { version: '2.0.0', said: 'newer than this orchestrator' },
      { version: 'latest', said: 'an invalid contract version' },
    ]),
  )('speaks contract $version', async ({ version, said }) => {
    const mission = await createScenario(single)
    await mission.updateState(state => {
      state.contractVersion = version
    })

    await expectRefused(mission, await orchestrate(mission), 3, said, '>= 1.4.0, < 2.0.0', 'install')
  })

  it('hangs', async () => {
    const mission = await createScenario(single)
    await mission.writeConfig('host: {timeout_seconds: 1}\n')
    await mission.setFaults([{ command: 'mission-state', fault: 'hang' }])

    await expectRefused(mission, await orchestrate(mission), 3, 'within 1 s', 'host.timeout_seconds')
  })

  it('is not there', async () => {
    const mission = await createScenario(single)
    await mission.writeConfig('host: {command: /nowhere/spec-kitty}\n')

    await expectRefused(mission, await orchestrate(mission), 3, '/nowhere/spec-kitty', 'pip install spec-kitty-cli')
  })

  it('is another program, whose first bytes are quoted safely', async () => {
    const mission = await createScenario(single)
    const title = `printf '\\033[2J\\033]0;owned\\007\\r\\342\\200\\256 hello'`
    const command = await mission.script('not-the-host', `${title}; head -c 100000 /dev/zero | tr '\\0' x`)
    await mission.writeConfig(`host: {command: '${command}'}\n`)

    const result = await orchestrate(mission)

    await expectRefused(mission, result, 3, '\\u001b[2J\\u001b]0;owned\\u0007\\r\\u202e hello')
    expect(result.stderr.length).toBeLessThan(1500)
  })
})

describe('exit 5: no usable agent', () => {
  it('when neither claude nor codex is installed', async () => {
    const mission = await createScenario(single)
    const bin = mission.path('bin')
    await mkdir(bin)
    const git = (await execa('sh', ['-c', 'command -v git'])).stdout
    const programs = { git, node: process.execPath, 'spec-kitty': mission.hostCommand }
    for (const [name, target] of Object.entries(programs)) await symlink(target, join(bin, name))
    const PATH = [bin, '/usr/bin', '/bin'].join(delimiter)

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug], { env: { PATH } })

    await expectRefused(mission, result, 5, 'claude-code (not installed: no claude on PATH)', 'codex (not installed')
  })

  it('says which of those named is not', async () => {
    const mission = await createScenario(single)
    await mission.writeConfig(`agents: {implementation: [ghost], custom: {ghost: {command: [/nowhere/ghost]}}}\n`)

    await expectRefused(
      mission,
      await orchestrate(mission),
      5,
      'ghost (not installed: no /nowhere/ghost',
      'claude-code, codex',
    )
  })
})

describeInFull('exit 6: a budget', () => {
  it('when a ceiling leaves no room for the next attempt; resume with a higher one continues', async () => {
    const mission = await createScenario(single)

    const held = await orchestrate(mission, '--budget-tokens', '300')

    expect([held.exitCode, held.stderr]).toEqual([6, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'for_review' })
    expect(held.stdout).toMatch(/^Next:\n {2}sko resume --budget-tokens \d+ {3}\(/m)
    expect((await runSko(mission, ['resume', '--budget-tokens', '3000'])).exitCode).toBe(0)
  })
})
