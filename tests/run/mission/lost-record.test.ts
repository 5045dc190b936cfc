import { expect, it } from 'vitest'
import { hostFailure } from '../../../src/run/host/host-outcome.ts'
import { look } from '../../../src/run/mission/look.ts'
import { ok } from '../fakes/odd-looks.ts'
import { approves } from '../fakes/scripted-agents.ts'
import { createWorld, type WorldOptions, wp } from '../fakes.ts'

const worktree =
  'git worktree prune && git worktree add .worktrees/001-demo-01ABCDEF-coord kitty/mission-001-demo-01ABCDEF'
const checkout = 'git checkout HEAD -- kitty-specs/001-demo-01ABCDEF/status.events.jsonl'
const finalize = 'spec-kitty agent mission finalize-tasks --mission 001-demo-01ABCDEF'

it.each<readonly [string, Partial<WorldOptions>, Record<string, number>, string]>([
  ['lost, in coord topology', { topology: 'coord' }, {}, `${worktree} && sko resume`],
  ['lost, in lanes topology', { topology: 'lanes' }, { planned: 0 }, `${checkout} && sko resume`],
  ['without a WP that was added, in coord topology', { topology: 'coord' }, { planned: 1 }, finalize],
  ['without a WP that was added, in lanes topology', { topology: 'lanes' }, { planned: 1 }, finalize],
  ['not there yet: the mission has no lanes', { wps: [{ wpId: wp('WP01'), laneId: null }] }, {}, finalize],
  ['lost, and the host does not name the lanes', { fault: () => hostFailure('host-defect', 'odd') }, {}, finalize],
])('a record of the lanes that is %s: what puts it right', async (_, more, summary, hint) => {
  const world = createWorld({ wps: [{ wpId: wp('WP01') }, { wpId: wp('WP02') }], behave: () => approves, ...more })
  const { host } = world.begin().run.ports
  const work_packages = ['WP01', 'WP02'].map(wp_id => ({ wp_id, lane: 'planned', dependencies: [] }))
  const answer = ok({ mission_slug: '001-demo-01ABCDEF', summary, work_packages })
  const error = await world.time.drive(look(host, '001-demo-01ABCDEF', answer).catch(thrown => thrown))
  expect(error).toMatchObject({ code: 'mission-state-inconsistent', exitCode: 3 })
  expect(error.hint).toContain(hint)
})
