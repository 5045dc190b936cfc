import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import { runSko, type SkoOptions, type SkoResult, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario, until } from './support/scenario.ts'

const page = readFileSync('docs/when-things-go-wrong.md', 'utf8')
/** Each as it is typed, without the reason that is printed behind it. */
const onPage = new Set([...page.matchAll(/`(sko (?:[^` ]| (?! {2}\())+)/g)].map(([, command = '']) => command))
const ran = new Set<string>()

/** The command as it stands on the page, of which it must be one; `sha` stands for its `<sha>`. */
function follow(mission: Scenario, command: string, options: SkoOptions = {}, sha = ''): Promise<SkoResult> {
  expect(onPage).toContain(command)
  ran.add(command)
  const words =
    command
      .replace('<slug>', mission.slug)
      .replace('<sha>', sha)
      .match(/"[^"]*"|\S+/g) ?? []
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

const finding = { severity: 'high', file: 'src/WP02.txt', line: 1, problem: 'not so', change: null }

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
  itInFull('helps with a WP in blocked', async () => {
    const mission = await withBlocked()

    await ends(mission, 'sko status', 0, 'WP02', 'blocked', 'not so')
    await ends(mission, 'sko logs WP02', 0, 'changes_requested')
    await mission.setAgents([])
    await ends(mission, 'sko retry WP02', 0)
    await ends(mission, 'sko resume --review-agent claude-code', 0, '2 of 2 work packages approved or done')
    await ends(mission, 'sko resume --merge', 0, 'merged, accepted')
    const state = join(mission.repo, '.kittify', 'orchestrator-run-state.json')
    await rename(state, mission.path('away'))
    await rename(`${state}.bak`, mission.path('away.bak'))
    await ends(mission, 'sko orchestrate --mission <slug>', 0, '2 of 2 work packages approved or done')
  })

  it.each(
    cover(1, [
      ['sko unblock WP02', 'in_progress'],
      ['sko skip WP02', 'canceled'],
      ['sko skip WP02 --reason "not needed"', 'canceled'],
    ]),
  )('%s decides what becomes of it', async (command, lane) => {
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

  itInFull('helps with work that no one reviewed, and with a merge that cannot be pushed', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const evidence = JSON.stringify({ review: { reviewer: 'me', verdict: 'approved', reference: 'r' } })
    const policy = JSON.stringify({
      ...{ orchestrator_id: 'a', orchestrator_version: '1', agent_family: 'a', approval_mode: 'a' },
      ...{ sandbox_mode: 'a', network_mode: 'a', dangerous_flags: [] },
    })
    const impl = await mission.script(
      'impl',
      `cat >/dev/null; echo work > src/WP01.txt; git add -A; git commit -qm work
spec-kitty orchestrator-api transition --mission ${mission.slug} --wp WP01 --to approved --actor a --policy '${policy}' --evidence-json '${evidence}' >/dev/null
echo done`,
    )
    await mission.writeConfig(
      `agents: {implementation: [odd], review: [codex], custom: {odd: {command: ['${impl}']}}}\nfinish: {merge: merge, push: true}\n`,
    )
    const first = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect([first.exitCode, (await lanesOf(mission)).WP01]).toEqual([1, 'approved'])

    const sha = /sko confirm WP01 --commit (\S+)/.exec(first.stdout)?.[1]
    const confirmed = await follow(mission, 'sko confirm WP01 --commit <sha>', {}, sha)
    expect([confirmed.exitCode, confirmed.stderr]).toEqual([0, ''])
    const merged = await runSko(mission, ['resume'])
    expect([merged.exitCode, merged.stdout]).toEqual([1, expect.stringContaining('not pushed')])
    await ends(mission, 'sko resume --no-push', 0, '1 of 1 work packages approved or done')
  })

  itInFull('helps with work that was put aside', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    const approval = '{"verdict": "approved", "summary": "Fine.", "findings": [], "checks": []}'
    const meddle = `[ "$SKO_WP" = WP01 ] || echo valuable > src/new.txt\necho '${approval}'`
    const reader = await mission.script('reader', meddle)
    await mission.writeConfig(
      `kept: {every_seconds: 3600}\nagents: {review: [reader], custom: {reader: {command: ['${reader}'], review: true}}}\n`,
    )
    const first = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect([first.exitCode, first.stderr]).toEqual([0, ''])
    const number = /sko kept WP02 --restore (\d+)/.exec(first.stdout)?.[1]

    await ends(mission, 'sko kept', 0, 'WP02')
    await ends(mission, 'sko kept WP02', 0, `${number}`)
    await ends(mission, 'sko kept WP02 --show 1', 0)
    await ends(mission, 'sko kept WP02 --restore 1', 0)
    const restored = await runSko(mission, ['kept', 'WP02', '--restore', `${number}`])
    expect([restored.exitCode, restored.stderr]).toEqual([0, ''])
    const lane = join(mission.repo, '.worktrees', `${mission.slug}-lane-b`)
    expect(readFileSync(join(lane, 'src', 'new.txt'), 'utf8')).toBe('valuable\n')
  })

  itInFull('helps with git settings that are in the way', async () => {
    const mission = await createScenario({ shape: { WP01: [] } })
    const tested = await follow(mission, 'sko doctor --self-test')
    expect([tested.exitCode, tested.stdout]).toEqual([0, expect.stringMatching(/^ok +self-test/m)])
  })

  itInFull('helps with a budget that is used up', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] } })
    await mission.writeConfig('budget: {usd: 0.5}\n')
    const cents = { env: { FAKE_AGENT_COST: '0.30' } }
    const first = await runSko(mission, ['orchestrate', '--mission', mission.slug, ...claudeAlone], cents)
    expect(first.exitCode).toBe(6)

    const done = await follow(mission, 'sko resume --budget-usd 20', cents)
    expect([done.exitCode, done.stderr]).toEqual([0, ''])
  })

  itInFull('helps with a running run', async () => {
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

  itInFull('names no command that was not run here', () => {
    expect([...onPage].filter(command => !ran.has(command))).toEqual([])
  })
})
