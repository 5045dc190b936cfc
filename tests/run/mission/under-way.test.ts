import { expect, it } from 'vitest'
import { createUnderWay } from '../../../src/run/mission/under-way.ts'
import { approves, implements_ } from '../fakes/scripted-agents.ts'
import { createWorld, wp } from '../fakes.ts'

it('names each call of the world that has not ended, and no other', async () => {
  const behave = ({ role }: { readonly role: string }) => (role === 'implementation' ? implements_ : approves)
  const world = createWorld({ wps: [{ wpId: wp('WP01') }], behave })
  const underWay = createUnderWay()
  const { host, workspace, store } = underWay.noting(world.begin().run.ports)
  const calls = [
    host.missionState({ mission: 'demo' }),
    host.missionState({ mission: 'demo' }),
    workspace.hiddenFiles(world.host.worktreePath(wp('WP01'))).catch(() => []),
  ]
  expect(store.records()).toEqual([])
  expect(underWay.names()).toEqual(['the host call mission-state (2 times)', 'git in a lane worktree (hidden-files)'])
  await world.time.drive(Promise.all(calls))
  expect(underWay.names()).toEqual([])
})
