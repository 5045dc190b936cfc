import { describe, expect, it } from 'vitest'
import { cover } from '../in-full.ts'
import { orchestrated, realScenario } from './support/scenario.ts'
import { acceptedBy, callsOf, expectDone, forgetful, takeToDone } from './support/straight.ts'

describe('in lanes topology', () => {
  const rows = [
    { shape: 'chain3', plainHost: false },
    { shape: 'pair', plainHost: true },
  ] as const
  it.each(cover(0, rows))('$shape ends approved and accepted', async ({ shape, plainHost }) => {
    const { scenario, result } = await takeToDone({ shape, topology: 'lanes', plainHost })

    expect(acceptedBy(scenario)).toBe('spec-kitty-orchestrator')
    expect(result.stdout).toMatch(/^Next:\n {2}sko resume --merge {3}\(/m)
  })

  it('a single work package ends approved with the host as it is installed, which takes seconds for each call', async () => {
    const scenario = await realScenario({ shape: 'single', topology: 'lanes', plainHost: true })
    const result = await orchestrated(scenario, '--no-accept')

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expectDone(scenario)
  })

  it('a diamond ends approved with claude and codex, with few host calls', async () => {
    const { scenario, result } = await takeToDone({ shape: 'diamond', topology: 'lanes', agents: 'claude-and-codex' })

    expect(acceptedBy(scenario)).toBe('spec-kitty-orchestrator')
    for (const { id } of scenario.workPackages) {
      const attempts = id === forgetful ? 3 : 2
      expect(result.stdout).toMatch(new RegExp(`^${id} +approved +claude-code +codex +${attempts} +1 `, 'm'))
      const mutating = callsOf(scenario, id).filter(call => call !== 'resolve-workspace')
      if (id === forgetful) continue
      expect(mutating).toEqual(['start-implementation', 'transition for_review', 'start-review', 'transition approved'])
    }
    const decisions = result.events().filter(event => event.type === 'looked').length
    const reads = scenario.hostCalls().filter(call => call === 'mission-state' || call === 'list-ready')
    // One more after the refusal: did it happen all the same?
    expect(reads.length - 1).toBeLessThanOrEqual(decisions)
    // The last lane holds the work of all that it depends on.
    const files = await scenario.git('ls-tree', '--name-only', `kitty/mission-${scenario.mission}-lane-d`, 'src/')
    expect(files.split('\n')).toEqual(scenario.workPackages.map(({ id }) => `src/${id}.txt`))
  })
})
