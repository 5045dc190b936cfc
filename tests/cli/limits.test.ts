import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeInFull, itInFull } from '../in-full.ts'
import { type LoggedEvent, runSko, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, linesOf, type Scenario } from './support/scenario.ts'

const wide = { WP01: [], WP02: [], WP03: [] }
const twelve = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`WP${String(index + 1).padStart(2, '0')}`, []]),
)
const oneEach = ['--impl-agent', 'codex', '--review-agent', 'claude-code']
/** Its reset lies so far ahead when it is first asked. */
const limited = (seconds: number) => ({ agent: 'claude-code', do: 'limit-for', seconds, times: 0 }) as const

function expectOneWasted(events: readonly LoggedEvent[]): void {
  const reviews = events.filter(event => event.type === 'attempt-ended' && event.role === 'review')
  expect(reviews.filter(event => event.failure !== null)).toMatchObject([{ failure: { class: 'usage-limit' } }])
  const [cooldown, ...others] = events.filter(event => event.type === 'cooldown')
  expect(others).toEqual([])
  const [, ...later] = events.filter(event => event.type === 'attempt-started' && event.role === 'review')
  expect(later.filter(({ at }) => at < String(cooldown?.until))).toEqual([])
  const end = z.looseObject({ workPackages: z.array(z.looseObject({ cycles: z.number() })) }).parse(events.at(-1))
  expect(end.workPackages.filter(({ cycles }) => cycles !== 1)).toEqual([])
}

describe('an agent that cannot continue', () => {
  it('at its usage limit is waited for: one call is wasted, no cycle burned', async () => {
    const mission = await createScenario({ shape: wide, topology: 'lanes' }, [limited(4)])

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug, ...oneEach])

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual(allDone(wide))
    expectOneWasted(result.events())
    expect(result.stdout).toMatch(/^WP01 +approved +codex +claude-code +\d +1 /m)
    expect(result.stdout).toContain('Claude AI usage limit reached')
  })

  itInFull('at its usage limit is waited for by twelve work packages, also after a kill -9 in the wait', async () => {
    const mission = await createScenario({ shape: twelve, topology: 'lanes' }, [limited(4)])
    const first = startSko(mission, ['orchestrate', '--mission', mission.slug, ...oneEach])
    const refused = await first.waitForEvent(event => event.type === 'attempt-ended' && event.failure !== null)
    await first.waitForEvent(event => event.type === 'wp-waiting' && event.wpId === refused.wpId)
    first.kill('SIGKILL')
    const before = (await first.exited).events()

    const result = await runSko(mission, ['resume'])

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual(allDone(twelve))
    expectOneWasted([...before, ...result.events()])
  })

  it('at its usage limit is shown by sko status with the time and the reason', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' }, [limited(3600)])
    await mission.writeConfig('agents: {settings: {claude-code: {review: {model: big}}}}\n')
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug, ...oneEach])
    const { until, model } = await sko.waitForEvent(event => event.type === 'cooldown')
    await sko.waitForEvent(event => event.type === 'wp-waiting')

    const [text, json] = await Promise.all([runSko(mission, ['status']), runSko(mission, ['status', '--json'])])
    sko.kill('SIGINT')

    expect(model).toBe('big')
    const why = 'usage-limit: Claude AI usage limit reached'
    expect(text.stdout).toContain(`waits until ${until}: claude-code: ${why}`)
    expect(text.stdout).toContain(`claude-code/big is not used until ${until}: ${why}`)
    const shown = JSON.parse(json.stdout)
    expect(shown.workPackages[0]).toMatchObject({ step: expect.stringContaining(`waits until ${until}: claude-code`) })
    expect(shown.cooldowns).toMatchObject({ 'claude-code/big': { until, reason: expect.stringContaining(why) } })
    expect((await sko.exited).exitCode).toBe(130)
  })

  itInFull('is signed out: it is out for the run, which is said once, and the next one takes over', async () => {
    const mission = await createScenario({ shape: wide, topology: 'lanes' }, [
      { agent: 'claude-code', do: 'auth', times: 0 },
    ])

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual(allDone(wide))
    expect(result.stdout.match(/claude-code is not used again in this run/g)).toHaveLength(1)
    expect(result.stdout).toContain('Invalid API key')
    for (const id of Object.keys(wide)) {
      const own = mission.starts().filter(start => start.wp === id && start.agent === 'claude-code')
      expect(own.length).toBeLessThanOrEqual(1)
    }
  })
})

/** An agent for both roles that notices when it meets itself: holding `lock` (a shell word) it finds that taken. */
async function addAgent(mission: Scenario, lock: string, settings = ''): Promise<string> {
  const met = mission.path('met')
  writeFileSync(met, '')
  const command = await mission.script(
    'meeter',
    `mkdir "${lock}" || echo $SKO_WP >> '${met}'
case $(head -c 11) in
  '# Implement') echo work >> src/$SKO_WP.txt;;
  *) echo '{"verdict": "approved", "summary": "Fine.", "findings": [], "checks": []}';;
esac
sleep 0.2
rmdir "${lock}"`,
  )
  await mission.writeConfig(`agents:
  implementation: [meeter]
  review: [meeter]
  custom: {meeter: {command: ['${command}'], review: true}}
${settings}`)
  return met
}

describeInFull('what must not run twice at the same time', () => {
  it('an agent with max_concurrent 1', async () => {
    const mission = await createScenario({ shape: wide, topology: 'lanes' })
    const met = await addAgent(mission, mission.path('lock'), '  settings: {meeter: {max_concurrent: 1}}\n')

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual(allDone(wide))
    expect(linesOf(met)).toEqual([])
  })

  it('a lane worktree that several work packages share', async () => {
    const lanes = { WP01: 'a', WP02: 'a', WP03: 'b' }
    const mission = await createScenario({ shape: wide, topology: 'lanes', lanes })
    const met = await addAgent(mission, '$PWD.lock')

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual(allDone(wide))
    expect(linesOf(met)).toEqual([])
    // From the claim to the end: in the lanes' history no work package begins before the one before it is done.
    const { events } = await mission.state()
    const shared = events.filter(event => event.to_lane === 'claimed' || event.to_lane === 'approved')
    const inLaneA = shared.filter(event => event.wp_id !== 'WP03').map(event => event.to_lane)
    expect(inLaneA).toEqual(['claimed', 'approved', 'claimed', 'approved'])
  })
})

describe('looking only', () => {
  it('plan and --dry-run show order, agents and checks; status and logs the run', async () => {
    const shape = { WP01: [], WP02: ['WP01'], WP03: ['WP01'] }
    const mission = await createScenario({ shape, topology: 'lanes' })

    const [plan, dryRun, json] = await Promise.all([
      runSko(mission, ['plan', '--mission', mission.slug]),
      runSko(mission, ['orchestrate', '--mission', mission.slug, '--dry-run', '--impl-agent', 'codex']),
      runSko(mission, ['plan', '--mission', mission.slug, '--json']),
    ])

    expect([plan.exitCode, dryRun.exitCode, json.exitCode]).toEqual([0, 0, 0])
    expect(plan.stdout).toMatch(/^1 +WP01 +planned +lane-a\s*$[\s\S]*^2 +WP03 +planned +lane-c +waits for WP01$/m)
    expect(plan.stdout).toMatch(/^Critical path: WP01 -> WP02$/m)
    expect(plan.stdout).toContain('implementation: claude-code, codex; review: codex, claude-code')
    expect(dryRun.stdout).toContain('implementation: codex; review: codex, claude-code')
    expect(plan.stdout.match(/^ok {3}\w+/gm)).toEqual(
      ['repository', 'identity', 'run', 'agents', 'record', 'host', 'mission', 'lanes'].map(check => `ok   ${check}`),
    )
    expect(JSON.parse(json.stdout)).toMatchObject({ mission: mission.slug, criticalPath: ['WP01', 'WP02'] })
    expect((await mission.journal()).filter(call => call.mutates)).toEqual([])
    expect((await runSko(mission, ['status'])).exitCode).toBe(2)

    const run = await runSko(mission, ['orchestrate', '--mission', mission.slug, '--wp', 'WP01', '--json'])

    const events = run.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(events.map(event => event.type)).toEqual(run.events().map(event => event.type))
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'planned', WP03: 'planned' })
    const mutations = (await mission.journal()).filter(call => call.mutates).length
    const [status, logs] = await Promise.all([runSko(mission, ['status', '--json']), runSko(mission, ['logs', 'WP01'])])
    const shown = JSON.parse(status.stdout)
    expect(shown).toMatchObject({ mission: mission.slug, phase: 'finished', owner: null })
    expect(shown.workPackages[0]).toMatchObject({
      wpId: 'WP01',
      lane: 'approved',
      agent: 'codex',
      attempt: 2,
      cycle: 1,
    })
    expect(shown.workPackages[1]).toMatchObject({ wpId: 'WP02', lane: 'planned', agent: null, attempt: 0 })
    expect(logs.stdout).toBe(readFileSync(shown.workPackages[0].log, 'utf8'))
    expect(logs.stdout).toContain('turn.completed')
    expect((await mission.journal()).filter(call => call.mutates)).toHaveLength(mutations)
  })
})

function allDone(shape: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(shape).map(id => [id, 'approved']))
}
