import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runSko, type SkoResult } from './support/run-sko.ts'
import { type AgentStart, createScenario, lanesOf, type Scenario } from './support/scenario.ts'

const diamond = { WP01: [], WP02: ['WP01'], WP03: ['WP01'], WP04: ['WP02', 'WP03'] }
const subtasks = { WP01: ['T001', 'T002'], WP02: ['T003'] }
const bannedFlags = /--(?:full-auto|yolo|dangerously-[a-z-]+)/

const policySchema = z.object({
  agent_family: z.string(),
  approval_mode: z.string(),
  sandbox_mode: z.string(),
  dangerous_flags: z.array(z.string()),
})

describe('a mission goes straight through', () => {
  it('a diamond, by claude-code with codex for the review', async () => {
    const mission = await createScenario({ shape: diamond, topology: 'lanes', subtasks })

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    await expectStraight(mission, result, { implementer: 'claude-code', reviewer: 'codex', markedByUs: [] })
    // The lane of the last one holds the work of all it depends on.
    const files = await mission.git('ls-tree', '--name-only', '-r', `kitty/mission-${mission.slug}-lane-d`, 'src/')
    expect(files.match(/WP\d\d/g)).toEqual(['WP01', 'WP02', 'WP03', 'WP04'])
  })

  it('by codex, whose word on the subtasks is taken to the host, with claude-code for the review', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] }, topology: 'legacy', subtasks })
    const flags = ['--impl-agent', 'codex', '--review-agent', 'claude-code']

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug, ...flags])

    await expectStraight(mission, result, {
      implementer: 'codex',
      reviewer: 'claude-code',
      markedByUs: [['T001', 'T002'], ['T003']],
    })
  })
})

async function expectStraight(
  mission: Scenario,
  result: SkoResult,
  expected: { readonly implementer: string; readonly reviewer: string; readonly markedByUs: unknown },
): Promise<void> {
  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  const { wps, acceptances } = await mission.state()
  expect(acceptances).toHaveLength(1)
  for (const [id, wp] of Object.entries(wps)) {
    expect([id, wp.lane]).toEqual([id, 'approved'])
    expect(Object.values(wp.subtasks)).not.toContain('pending')
    const row = new RegExp(`^${id} +approved +${expected.implementer} +${expected.reviewer} +2 +1 `, 'm')
    expect(result.stdout).toMatch(row)
  }
  const events = result.events()
  const marked = events.filter(event => event.type === 'subtasks-marked').map(event => event.subtasks)
  expect(marked).toEqual(expected.markedByUs)
  await expectFewCalls(mission, events.filter(event => event.type === 'looked').length)
  await expectTruePolicies(mission)
  await expectCallsInJournal(mission, result)
}

/** Also those before the run had a journal. Agents mark subtasks themselves. */
async function expectCallsInJournal(mission: Scenario, result: SkoResult): Promise<void> {
  const calls = result.events().filter(({ type, command }) => type === 'host-call' && command !== 'mark-status')
  const api = (await mission.journal()).filter(call => call.argv[0] === 'orchestrator-api')
  const made = api.map(call => `${call.command} ${call.wp} ${call.mutates}`)
  expect(calls.map(call => `${call.command} ${call.wpId} ${call.mutates}`).toSorted()).toEqual(made.toSorted())
  const facts = { warm: false, ok: true, milliseconds: expect.any(Number), startedAt: expect.any(String) }
  expect(calls).toEqual(calls.map(() => expect.objectContaining(facts)))
  expect(result.stdout).not.toContain('mission-state')
}

async function expectFewCalls(mission: Scenario, decisions: number): Promise<void> {
  const calls = (await mission.journal()).filter(call => call.argv[0] === 'orchestrator-api')
  for (const id of Object.keys((await mission.state()).wps)) {
    expect(calls.filter(call => call.wp === id && call.mutates).map(call => call.command)).toEqual([
      'start-implementation',
      'transition',
      'start-review',
      'transition',
    ])
  }
  // Before the start for the files of the mission, and where two could meet.
  const [forFile, ...asked] = calls.filter(call => call.command === 'resolve-workspace').map(call => call.wp)
  expect(forFile).toBe('WP01')
  expect(new Set(asked).size).toBeLessThanOrEqual(1)
  expect(calls.filter(call => call.command === 'contract-version')).toEqual([])
  const reads = calls.filter(call => call.command === 'mission-state' || call.command === 'list-ready')
  expect(reads.length).toBeLessThanOrEqual(decisions)
  expect(calls.filter(call => call.exit !== 0)).toEqual([])
}

/** The host was given the same arguments that the agent then ran with. */
async function expectTruePolicies(mission: Scenario): Promise<void> {
  const { events } = await mission.state()
  const moves = events.filter(event => event.to_lane !== undefined)
  expect(moves.map(event => event.force)).toEqual(moves.map(() => false))
  const starts = mission.starts()
  expect(starts).toHaveLength(2 * Object.keys((await mission.state()).wps).length)
  for (const start of starts) {
    expect(start.argv.join(' ')).not.toMatch(bannedFlags)
    const lane = start.role === 'review' ? 'in_review' : 'claimed'
    const move = moves.find(event => event.wp_id === start.wp && event.to_lane === lane)
    expect(policySchema.parse(move?.policy_metadata)).toEqual(policyOf(start))
  }
}

function policyOf({ agent, argv }: AgentStart) {
  const after = (flag: string) => argv[argv.indexOf(flag) + 1]
  const modes =
    agent === 'codex'
      ? { approval_mode: 'never', sandbox_mode: after('-s') }
      : { approval_mode: after('--permission-mode'), sandbox_mode: 'none' }
  return { agent_family: agent, ...modes, dangerous_flags: [] }
}

describe('the end of a mission in coord topology, where the host accepts only what is merged', () => {
  it('says what to run, and does it when asked', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] } })

    const first = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(first.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
    expect(first.stdout).toContain('2 of 2 work packages approved or done, merge pending')
    expect(first.stdout).toMatch(/^Next:\n {2}sko resume --merge /m)
    expect((await mission.state()).merged).toBe(false)

    const second = await runSko(mission, ['resume', '--merge', 'merge'])

    expect(second.exitCode).toBe(0)
    const state = await mission.state()
    expect([state.merged, state.acceptances.length]).toEqual([true, 1])
    expect(await lanesOf(mission)).toEqual({ WP01: 'done', WP02: 'done' })
    expect(second.stdout).toContain('2 of 2 work packages approved or done, merged, accepted')
    const moved = second.events().flatMap(({ type, ...event }) => (type === 'lane-changed' ? [event] : []))
    expect(moved).toMatchObject(['WP01', 'WP02'].map(wpId => ({ wpId, from: 'approved', to: 'done' })))
    expect(second.events().at(-1)?.workPackages).toMatchObject([{ lane: 'done' }, { lane: 'done' }])
    expect(await mission.git('show', 'work:src/WP02.txt')).toContain('WP02')
  })

  it('merges, then accepts with --merge', async () => {
    const mission = await createScenario({ shape: { WP01: [] } })

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug, '--merge', 'merge'])

    expect(result.exitCode).toBe(0)
    const ends = (await mission.journal()).map(call => call.command).slice(-3)
    expect(ends).toEqual(['merge-mission', 'accept-mission', 'mission-state'])
    expect(result.stdout).toContain('1 of 1 work packages approved or done, merged, accepted')
    expect(result.stdout).not.toContain('Lane branches, not merged')
    expect(await mission.git('show', 'work:src/WP01.txt')).toContain('WP01')
  })
})
