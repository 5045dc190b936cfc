import { describe, expect, it } from 'vitest'
import { explanationOf } from '../../src/cli/terminal/explanation.ts'
import type { Entry } from '../../src/core/explain/entry.ts'
import { explain } from '../../src/core/explain/explain.ts'
import { type Rules, replay, rulesOfToday } from '../../src/core/explain/replay.ts'
import { approves, type Behaviour, fails, implements_, rejects } from './fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, wp } from './fakes.ts'

const straight: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)

/** WP02 waits for WP01, meets a limit, and is rejected once. */
const eventful: Behaviour = (request, index) => {
  const { wpId, role, cycle, attempt } = request
  if (wpId === 'WP02' && role === 'implementation' && attempt === 1) return fails('rate-limit')
  return wpId === 'WP02' && role === 'review' && cycle === 1 ? rejects : straight(request, index)
}

async function recorded(): Promise<readonly Entry[]> {
  const world = createWorld({
    wps: [
      { wpId: wp('WP01') },
      { wpId: wp('WP02'), dependencies: [wp('WP01')] },
      { wpId: wp('WP03') },
      { wpId: wp('WP04'), dependencies: [wp('WP02'), wp('WP03')] },
    ],
    config: configOf({ max_concurrent_wps: 1 }),
    behave: eventful,
  })
  await runWorld(world)
  return world.recorded
}

function linesOf(entries: readonly Entry[], rules: Rules = rulesOfToday): readonly string[] {
  const ofDay = /2026-01-01 /g
  return explain(replay(entries, rules)).flatMap(told => explanationOf(told).map(line => line.replace(ofDay, '')))
}

const differencesIn = (entries: readonly Entry[], rules: Partial<Rules>) =>
  linesOf(entries, { ...rulesOfToday, ...rules }).filter(line => line.startsWith('DIFFERS'))

describe('the explanation of a run', () => {
  it('names each wait once and each decision with what was known', async () => {
    const lines = linesOf(await recorded())
    const timeless = lines.map(line => line.replace(/\d\d:\d\d:\d\d/g, 'hh:mm:ss'))
    const of = (wpId: string) => timeless.filter(line => line.startsWith(wpId) || line.startsWith('  '))
    expect(of('WP02')).toEqual([
      'WP02 (planned) waits for WP01 (planned) [until hh:mm:ss]',
      'WP02 (planned) starts after WP01 (approved)',
      'WP02 (planned, cycle 1) chooses: claim by ada -> lane worktree lane-1',
      'WP02 (in_progress, cycle 1) chooses: implement by ada -> attempt 1 failed: rate-limit: as the test wants it',
      'WP02 (in_progress, cycle 1) chooses: commit what attempt 1 left -> nothing has changed',
      'WP02 (in_progress, cycle 1) chooses: wait for hh:mm:ss: ada: rate-limit: as the test wants it',
      '  not ada: cools down until hh:mm:ss (rate-limit: as the test wants it)',
      'WP02 (in_progress) waits for hh:mm:ss: ada: rate-limit: as the test wants it [until hh:mm:ss]',
      // Of WP03, which would take the same agent.
      '  not ada: cools down until hh:mm:ss (rate-limit: as the test wants it)',
      'WP02 (in_progress) starts after WP01 (approved)',
      'WP02 (in_progress, cycle 1) chooses: resolve -> lane worktree lane-1',
      'WP02 (in_progress, cycle 1) chooses: implement by ada -> attempt 2 succeeded',
      'WP02 (in_progress, cycle 1) chooses: commit what attempt 2 left -> the branch has changed',
      'WP02 (in_progress, cycle 1) chooses: check -> passed',
      'WP02 (in_progress, cycle 1) chooses: submit by ada -> for_review',
      'WP02 (for_review, cycle 1) chooses: start-review by bob -> in_review',
      'WP02 (in_review, cycle 1) chooses: review by bob -> attempt 3: changes_requested, 1 finding',
      'WP02 (in_review, cycle 1) chooses: reject -> in_progress',
      'WP02 (in_progress, cycle 2) chooses: implement by ada -> attempt 4 succeeded',
      'WP02 (in_progress, cycle 2) chooses: commit what attempt 4 left -> the branch has changed',
      'WP02 (in_progress, cycle 2) chooses: check -> passed',
      'WP02 (in_progress, cycle 2) chooses: submit by ada -> for_review',
      'WP02 (for_review, cycle 2) chooses: start-review by bob -> in_review',
      'WP02 (in_review, cycle 2) chooses: review by bob -> attempt 5: approved, 0 findings',
      'WP02 (in_review, cycle 2) chooses: approve -> approved',
      'WP02 (approved, cycle 2) chooses: finish: nothing is left to do',
    ])
    expect(timeless).toContain('WP03 (planned) waits for a free slot: taken by WP02 [until hh:mm:ss]')
    expect(timeless).toContain('WP04 (planned) waits for WP02 (planned), WP03 (planned) [until hh:mm:ss]')
    expect(lines.filter(line => line.startsWith('DIFFERS'))).toEqual([])
  })

  it('says why nothing begins while a person has paused the run', async () => {
    const world = createWorld({ wps: [{ wpId: wp('WP01') }], behave: straight })
    const process = world.begin()
    const paused = process.ask({ kind: 'pause' })
    world.time.delay(100_000).then(() => process.ask({ kind: 'continue' }))
    await runWorld(world, process)
    await paused
    const lines = linesOf(world.recorded)
    expect(lines).toContainEqual(expect.stringMatching(/^WP01 \(planned\) waits: the run is paused \[until /))
    expect(lines).toEqual(expect.arrayContaining(['a person pauses the run', 'a person lets the run continue']))
  })
})

describe('a rule that was changed', () => {
  it('in the configuration is a difference where it is applied', async () => {
    const entries = (await recorded()).map(entry =>
      entry.type === 'begin'
        ? { ...entry, rules: { ...entry.rules, review: { ...entry.rules.review, max_cycles: 1 } } }
        : entry,
    )
    expect(differencesIn(entries, {})).toEqual([
      expect.stringMatching(/^DIFFERS WP02: it chose reject; this version chooses block: rejected 1 times/),
    ])
  })

  it('of the schedule is a difference where another WP begins', async () => {
    const schedule: Rules['schedule'] = input => {
      const { start, resolve } = rulesOfToday.schedule(input)
      return { start: start.map(wpId => (wpId === 'WP02' ? wp('WP03') : wpId)), resolve }
    }
    const found = differencesIn(await recorded(), { schedule })
    expect(found).toContain('DIFFERS WP02, WP03: it chose to start WP02; this version chooses to start WP03')
    expect(found.filter(line => !line.includes('WP03'))).toEqual([])
  })

  it('of what an outcome means is a difference at the next step, or where the step is not possible any more', async () => {
    const applyOutcome: Rules['applyOutcome'] = (wp, step, outcome) =>
      rulesOfToday.applyOutcome(wp, step, outcome.kind === 'committed' ? { ...outcome, changed: false } : outcome)
    const [first, second] = differencesIn(await recorded(), { applyOutcome })
    expect(first).toBe('DIFFERS WP01: it chose check; this version chooses implement by ada')
    expect(second).toBe('DIFFERS WP01: it chose check; by the rules of this version that is not possible here')
  })

  it('of what someone else may move is a difference', async () => {
    const behave: Behaviour = request => ({ ...straight(request, 0), ms: 200_000 })
    const world = createWorld({ wps: [{ wpId: wp('WP01') }], behave })
    world.time.delay(60_000).then(() => world.host.take(wp('WP01'), 'planned'))
    await runWorld(world)
    expect(linesOf(world.recorded)).toContain(
      'WP01 was moved by someone else, in_progress to planned: it is left to them',
    )
    expect(differencesIn(world.recorded, {})).toEqual([])
    expect(differencesIn(world.recorded, { takenAwayIn: () => [] })).toEqual([
      'DIFFERS WP01: it left WP01 to others; this version leaves none',
    ])
  })
})
