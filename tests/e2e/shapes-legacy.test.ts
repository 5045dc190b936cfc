import { describe, expect, it } from 'vitest'
import { cover } from '../in-full.ts'
import { acceptedBy, takeToDone } from './support/straight.ts'

/** Missions from before mission ids: the host commits nothing of its own record. */
describe('in legacy topology', () => {
  it.each(cover(0, ['chain3', 'pair']))('%s ends approved and accepted', async shape => {
    const { scenario, result } = await takeToDone({ shape, topology: 'legacy' })

    expect(acceptedBy(scenario)).toBe('spec-kitty-orchestrator')
    expect(result.stdout).toMatch(/^Next:\n {2}sko resume --merge {3}\(/m)
  })

  it('a diamond ends approved when codex implements and claude reviews', async () => {
    const { scenario, result } = await takeToDone({
      shape: 'diamond',
      topology: 'legacy',
      agents: 'claude-and-codex',
      flags: ['--impl-agent', 'codex', '--review-agent', 'claude-code'],
    })

    expect(acceptedBy(scenario)).toBe('spec-kitty-orchestrator')
    // In its sandbox it cannot reach the host: it said what is finished, and sko marked it.
    const marked = result.events().filter(event => event.type === 'subtasks-marked')
    expect(marked).toEqual([expect.objectContaining({ wpId: 'WP02', subtasks: ['T001'] })])
    for (const { id } of scenario.workPackages) {
      expect(result.stdout).toMatch(new RegExp(`^${id} +approved +codex +claude-code `, 'm'))
    }
  })
})
