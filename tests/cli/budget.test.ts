import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { runSko, type SkoResult, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario, until } from './support/scenario.ts'

const claudeAlone = ['--impl-agent', 'claude-code', '--review-agent', 'claude-code']
const thirtyCents = { env: { FAKE_AGENT_COST: '0.30' } }

function orchestrate(mission: Scenario, ...flags: readonly string[]): Promise<SkoResult> {
  return runSko(mission, ['orchestrate', '--mission', mission.slug, ...claudeAlone, ...flags], thirtyCents)
}

describe('a budget', () => {
  it('of 1 USD with agents at 0.30 ends with 6 in time; resumed with 5 USD it ends done', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    await mission.writeConfig('max_concurrent_wps: 2\nbudget: {usd: 1}\n')

    const held = await orchestrate(mission)

    expect([held.exitCode, held.stderr]).toEqual([6, ''])
    const spent = mission.starts().length
    expect(spent).toBeGreaterThanOrEqual(3)
    expect(spent).toBeLessThanOrEqual(3 + 2)
    expect(held.stdout).toContain('warning: the run has used 0.90 of 1.00 USD')
    expect(held.stdout).toContain('no new attempt starts; next: sko resume --budget-usd 2')
    expect(held.stdout).toMatch(/^Used by this run: 0\.90 of 1\.00 USD, 1,020 tokens, \d+ s of wall clock$/m)
    expect(held.stdout).toMatch(/^Held by a budget or a limit:\n {2}WP0/m)
    expect(held.stdout).not.toContain('Needs attention')
    expect(held.stdout).toMatch(/^Next:\n {2}sko resume --budget-usd 2 {3}\(/m)
    expect(Object.values(await lanesOf(mission))).not.toContain('blocked')

    const status = await runSko(mission, ['status'])
    expect(status.stdout).toContain('held: the run has used 0.90 of 1.00 USD')

    const done = await runSko(mission, ['resume', '--budget-usd', '5'], thirtyCents)
    expect([done.exitCode, done.stderr]).toEqual([0, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
    expect(mission.starts()).toHaveLength(4)
    expect(done.stdout).toContain('Used by this run: 1.20 of 5.00 USD')
  })

  itInFull('stops the running agents if configured so, and keeps their work', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    const go = mission.path('go')
    await mission.setAgents([
      { wp: 'WP01', role: 'implementation', do: 'change-and-hang', write: 'half.txt' },
      { wp: 'WP02', role: 'implementation', do: 'hang', file: go },
    ])
    await mission.writeConfig('budget: {usd: 1, running: stop}\n')
    const dear = { env: { FAKE_AGENT_COST: '1.50' } }
    const running = startSko(mission, ['orchestrate', '--mission', mission.slug, ...claudeAlone], dear)
    const half = join(mission.repo, '.worktrees', `${mission.slug}-lane-a`, 'half.txt')
    await until('half of the work of WP01', () => existsSync(half))
    await mission.waitForStart({ wp: 'WP02' })
    await writeFile(go, '')

    const held = await running.exited

    expect([held.exitCode, held.stderr]).toEqual([6, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'in_progress', WP02: 'for_review' })
    expect(held.stdout).toContain('WP01 implementation by claude-code was interrupted')
    const branch = `kitty/mission-${mission.slug}-lane-a`
    expect(await mission.git('ls-tree', '--name-only', '-r', branch)).toContain('half.txt')
    expect(held.stdout).toMatch(/^Used by this run: 1\.50 of 1\.00 USD \(1 attempt of unknown cost\)/m)
  })
})
