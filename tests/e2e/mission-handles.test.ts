import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { laneEvents } from './support/host-record.ts'
import { realScenario } from './support/scenario.ts'

it.each(['coord', 'lanes'] as const)(
  'every handle of the host is taken, and only its slug written, in %s topology',
  async topology => {
    const scenario = await realScenario({ shape: 'single', topology, subtasks: [0] })
    const { repo, mission } = scenario
    const meta = readFileSync(join(repo, 'kitty-specs', mission, 'meta.json'), 'utf8')
    const { mission_id: id } = z.object({ mission_id: z.string().length(26) }).parse(JSON.parse(meta))
    for (const handle of [mission, 'real', id, id.slice(0, 8), id.toLowerCase(), mission.toLowerCase()]) {
      const plan = await scenario.start('plan', '--mission', handle, '--json').exited
      expect([handle, plan.exitCode, plan.stderr]).toEqual([handle, 0, ''])
      expect(JSON.parse(plan.stdout)).toMatchObject({ mission })
    }

    const result = await scenario.start('orchestrate', '--mission', id.slice(0, 8).toLowerCase()).exited

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(laneEvents(scenario).at(-1)).toMatchObject({ wp_id: 'WP01', to_lane: 'approved' })
    // With an id for a name, the host makes a stray branch and worktree (measured).
    const branches = (await scenario.git('branch', '--format=%(refname:short)')).split('\n')
    expect(branches.filter(name => name.startsWith('kitty/') && !name.includes(mission))).toEqual([])
    expect(result.events().at(-1)).toMatchObject({ schema_version: '1.0.0', mission_id: id, mission_slug: mission })
    const again = await scenario.start('resume').exited
    expect([again.exitCode, again.stderr]).toEqual([0, ''])
  },
)
