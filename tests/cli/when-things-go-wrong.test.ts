import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runSko, type SkoOptions, type SkoResult, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario, until } from './support/scenario.ts'

const page = readFileSync('docs/when-things-go-wrong.md', 'utf8')
const onPage = new Set([...page.matchAll(/`(sko [^`]+)`/g)].map(([, command = '']) => command))
const ran = new Set<string>()

/** The command as it stands on the page, of which it must be one. */
function follow(mission: Scenario, command: string, options: SkoOptions = {}): Promise<SkoResult> {
  expect(onPage).toContain(command)
  ran.add(command)
  const words = command.replace('<slug>', mission.slug).match(/"[^"]*"|\S+/g) ?? []
  return runSko(
    mission,
    words.slice(1).map(word => word.replaceAll('"', '')),
    options,
  )
}

async function ends(mission: Scenario, command: string, exitCode: number, ...said: readonly string[]): Promise<void> {
  const result = await follow(mission, command)
  expect([command, result.exitCode, result.stderr]).toEqual([command, exitCode, ''])
  for (const words of said) expect(result.stdout).toContain(words)
}

const claudeAlone = ['--impl-agent', 'claude-code', '--review-agent', 'claude-code']

const finding = { severity: 'high', file: null, line: null, problem: 'not so', change: null }

async function withBlocked(): Promise<Scenario> {
  const mission = await createScenario({ shape: { WP01: [], WP02: [] } }, [
    { wp: 'WP02', role: 'review', do: 'reject', findings: [finding] },
  ])
  await mission.writeConfig('review: {max_cycles: 1}\n')
  const first = await runSko(mission, ['orchestrate', '--mission', mission.slug])
  expect([first.exitCode, first.stderr]).toEqual([1, ''])
  expect((await lanesOf(mission)).WP02).toBe('blocked')
  return mission
}

describe('docs/when-things-go-wrong.md', { shuffle: false }, () => {
  it('helps with a WP in blocked', async () => {
    const mission = await withBlocked()

    await ends(mission, 'sko status', 0, 'WP02', 'blocked', 'not so')
    await ends(mission, 'sko logs WP02', 0, 'changes_requested')
    await mission.setAgents([])
    await ends(mission, 'sko retry WP02', 0)
    await ends(mission, 'sko resume --review-agent claude-code', 0, '2 of 2 work packages approved or done')
    await ends(mission, 'sko resume --merge merge', 0, 'merged, accepted')
    const state = join(mission.repo, '.kittify', 'orchestrator-run-state.json')
    await rename(state, mission.path('away'))
    await rename(`${state}.bak`, mission.path('away.bak'))
    await ends(mission, 'sko orchestrate --mission <slug>', 0, '2 of 2 work packages approved or done')
  })

  it.each([
    ['sko unblock WP02', 'in_progress'],
    ['sko skip WP02', 'canceled'],
    ['sko skip WP02 --reason "not needed"', 'canceled'],
  ])('%s decides what becomes of it', async (command, lane) => {
    const mission = await withBlocked()
    await ends(mission, command, 0, 'WP02')
    expect((await lanesOf(mission)).WP02).toBe(lane)
  })

  it('helps with an agent', async () => {
    const mission = await createScenario({ shape: { WP01: [] } })
    await ends(mission, 'sko agents', 0, 'codex')
    await mission.setAgents([{ role: 'implementation', do: 'leave-dirty', write: 'hello.txt' }])
    await ends(mission, 'sko agents test codex', 0, 'ok   verdict')
  })

  it('helps with a budget that is used up', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] } })
    await mission.writeConfig('budget: {usd: 0.5}\n')
    const cents = { env: { FAKE_AGENT_COST: '0.30' } }
    const first = await runSko(mission, ['orchestrate', '--mission', mission.slug, ...claudeAlone], cents)
    expect(first.exitCode).toBe(6)

    const done = await follow(mission, 'sko resume --budget-usd 20', cents)
    expect([done.exitCode, done.stderr]).toEqual([0, ''])
  })

  it('helps with a run at work', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] } })
    const go = mission.path('go')
    await mission.setAgents([
      { wp: 'WP01', role: 'implementation', do: 'hang', file: go },
      { wp: 'WP02', role: 'implementation', do: 'change-and-hang', write: 'half.txt' },
    ])
    const running = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await mission.waitForStart({ wp: 'WP01' })

    await ends(mission, 'sko pause', 0)
    await writeFile(go, '')
    await running.waitForEvent(event => event.type === 'attempt-ended' && event.wpId === 'WP01')
    await ends(mission, 'sko continue', 0)
    await until('the work on WP02', async () => (await lanesOf(mission)).WP02 === 'in_progress')
    await mission.waitForStart({ wp: 'WP02' })
    await ends(mission, 'sko abort', 0)
    await running.exited

    await mission.setAgents([])
    const again = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await again.waitForEvent(event => event.type === 'attempt-started')
    again.kill('SIGINT')
    expect((await again.exited).exitCode).toBe(130)
    await ends(mission, 'sko resume', 0, '2 of 2 work packages approved or done')
  })

  it('names no command that was not run here', () => {
    expect([...onPage].filter(command => !ran.has(command))).toEqual([])
  })
})
