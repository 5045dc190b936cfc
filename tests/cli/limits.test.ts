import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runSko, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, linesOf, type Scenario } from './support/scenario.ts'

const wide = { WP01: [], WP02: [], WP03: [] }

describe('an agent that cannot go on', () => {
  it('at its usage limit is waited for: one call is wasted, no cycle burned', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const go = mission.path('go')
    await mission.setAgents([{ role: 'implementation', do: 'hang', file: go }])
    const flags = ['--impl-agent', 'codex', '--review-agent', 'claude-code']
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug, ...flags])
    await mission.waitForStart({ role: 'implementation' })
    const reset = Math.ceil(Date.now() / 1000) + 5
    await mission.setAgents([{ role: 'review', do: 'usage-limit', resets: String(reset) }])
    writeFileSync(go, '')

    const result = await sko.exited

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'done' })
    expect(mission.starts().map(start => start.do)).toEqual(['hang', 'usage-limit', 'approve'])
    const events = result.events()
    const waiting = events.find(event => event.type === 'wp-waiting')
    expect(Date.parse(String(waiting?.until))).toBeGreaterThanOrEqual(reset * 1000)
    const again = events.findLast(event => event.type === 'attempt-started')
    expect(Date.parse(again?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(String(waiting?.until)))
    expect(result.stdout).toMatch(/^WP01 +done +codex +claude-code +3 +1 /m)
    expect(result.stdout).toContain('Claude AI usage limit reached')
  })

  it('is signed out: it is out for the run, which is said once, and the next one takes over', async () => {
    const mission = await createScenario({ shape: wide, topology: 'lanes' }, [
      { agent: 'claude-code', do: 'auth', times: 0 },
    ])

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual(allDone(wide))
    expect(result.stdout.match(/claude-code is out for this run/g)).toHaveLength(1)
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

describe('what must not be at work twice at once', () => {
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
    const shared = events.filter(event => event.to_lane === 'claimed' || event.to_lane === 'done')
    const inLaneA = shared.filter(event => event.wp_id !== 'WP03').map(event => event.to_lane)
    expect(inLaneA).toEqual(['claimed', 'done', 'claimed', 'done'])
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
      ['repository', 'run', 'agents', 'host', 'mission', 'lanes'].map(check => `ok   ${check}`),
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
    expect(await lanesOf(mission)).toEqual({ WP01: 'done', WP02: 'planned', WP03: 'planned' })
    const mutations = (await mission.journal()).filter(call => call.mutates).length
    const [status, logs] = await Promise.all([runSko(mission, ['status', '--json']), runSko(mission, ['logs', 'WP01'])])
    const shown = JSON.parse(status.stdout)
    expect(shown).toMatchObject({ mission: mission.slug, phase: 'finished', owner: null })
    expect(shown.workPackages[0]).toMatchObject({ wpId: 'WP01', lane: 'done', agent: 'codex', attempt: 2, cycle: 1 })
    expect(shown.workPackages[1]).toMatchObject({ wpId: 'WP02', lane: 'planned', agent: null, attempt: 0 })
    expect(logs.stdout).toBe(readFileSync(shown.workPackages[0].log, 'utf8'))
    expect(logs.stdout).toContain('turn.completed')
    expect((await mission.journal()).filter(call => call.mutates)).toHaveLength(mutations)
  })
})

function allDone(shape: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(shape).map(id => [id, 'done']))
}
