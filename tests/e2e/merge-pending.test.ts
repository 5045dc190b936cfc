import { execa } from 'execa'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { nextCommands } from '../cli/support/next-commands.ts'
import { orchestrated, type RealScenario, realScenario } from './support/scenario.ts'

const board = z.object({ by_lane: z.record(z.string(), z.number()), progress_percentage: z.number() })

/** As the host's board and its dashboard show it: both weigh the lanes in the same way. */
async function boardOf({ host, repo, env, mission }: RealScenario): Promise<z.infer<typeof board>> {
  const { stdout } = await execa(host, ['agent', 'tasks', 'status', '--mission', mission, '--json'], { cwd: repo, env })
  return board.parse(JSON.parse(stdout))
}

it.each(['coord', 'lanes', 'legacy'] as const)(
  'the host shows a mission that is not merged below 100 %, and a merged one at 100 %, in %s topology',
  async topology => {
    const scenario = await realScenario({ shape: 'single', topology, subtasks: [0] })
    const first = await orchestrated(scenario)

    expect([first.exitCode, first.stderr]).toEqual([0, ''])
    expect(first.stdout).toContain('1 of 1 work packages approved or done, merge pending')
    expect(await boardOf(scenario)).toEqual({ by_lane: { approved: 1 }, progress_percentage: 80 })

    const [merge = 'false', ...others] = nextCommands(first.stdout)
    expect([merge, others]).toEqual(['sko resume --merge', []])
    let merged = await scenario.start('resume', '--merge', 'merge').exited
    if (topology === 'legacy') {
      // The host has committed nothing of its record, and its merge would drop it.
      const [commit = 'false'] = nextCommands(merged.stdout)
      await execa('sh', ['-c', commit.replace(/ && sko resume$/, '')], { cwd: '/', env: scenario.env })
      merged = await scenario.start('resume').exited
    }
    expect([merged.exitCode, merged.stderr]).toEqual([0, ''])
    expect(merged.stdout).toContain('1 of 1 work packages approved or done, merged, accepted')
    expect(merged.stdout).toMatch(/^WP01 +done /m)
    expect(await boardOf(scenario)).toEqual({ by_lane: { done: 1 }, progress_percentage: 100 })
  },
)
