import { describe, expect, it } from 'vitest'
import { hostCommands } from '../../src/run/host/commands.ts'
import { cover } from '../in-full.ts'
import { acceptedBy, takeToDone } from './support/straight.ts'

/** What every new mission of a user gets. */
describe('in coord topology', () => {
  it('chain3 ends done, merged and accepted', async () => {
    const { scenario, result } = await takeToDone({ shape: 'chain3', topology: 'coord', flags: ['--merge', 'merge'] })

    expect(result.stdout).toContain('3 of 3 work packages approved or done, merged, accepted')
    expect(result.stdout).not.toMatch(/^Next:/m)
    const files = await scenario.git('ls-tree', '--name-only', 'work', 'src/')
    expect(files.split('\n')).toEqual(scenario.workPackages.map(({ id }) => `src/${id}.txt`))
    expect(await scenario.git('status', '--porcelain')).toBe('?? .kittify/orchestrator.yaml')
    // The host drops the lines that its planning left uncommitted.
    const [kept] = result.events().filter(event => event.type === 'main-checkout-kept')
    const record = `kitty-specs/${scenario.mission}/status.events.jsonl`
    expect(await scenario.git('show', `${kept?.ref}:${record}`)).toContain('TasksCompleted')
    expect(await scenario.git('show', `work:${record}`)).not.toContain('TasksCompleted')
    const coordination = `${scenario.repo}/.worktrees/${scenario.mission}-coord`
    expect(acceptedBy({ ...scenario, repo: coordination })).toBe('spec-kitty-orchestrator')
    // A look comes every half minute, so their number depends on the machine. One WP is submitted twice.
    expect(callsOf(scenario.hostCalls())).toEqual({
      'mission-state': expect.any(Number),
      'resolve-workspace': 1,
      'start-implementation': 3,
      transition: 7,
      'start-review': 3,
      'merge-mission': 1,
      'accept-mission': 1,
    })
  })

  it.each(cover(1, ['diamond', 'wide4']))('%s ends approved and says how to merge and accept it', async shape => {
    const { scenario, result } = await takeToDone({ shape, topology: 'coord' })

    expect(result.stdout).toMatch(/^Next:\n {2}sko resume --merge {3}\(the host can accept/m)
    expect(acceptedBy(scenario)).toBeUndefined()
    expect(await scenario.git('ls-tree', '--name-only', 'work', 'src/')).toBe('')
    for (const { id } of scenario.workPackages) {
      const branches = await scenario.git('for-each-ref', '--format=%(refname:short)', '--contains', await commitOf(id))
      expect(branches).toContain('lane-')
    }

    async function commitOf(id: string): Promise<string> {
      return scenario.git('log', '--all', '--format=%H', '-1', '--', `src/${id}.txt`)
    }
  })
})

/** How often each verb was called; what git and the agents call is left out. */
function callsOf(lines: readonly string[]): Readonly<Record<string, number>> {
  const verbs = Object.values(hostCommands).map(({ name }) => name)
  const called = lines.map(line => line.split(' ')[0]).filter(verb => verbs.some(known => known === verb))
  return Object.fromEntries([...new Set(called)].map(verb => [verb, called.filter(other => other === verb).length]))
}
