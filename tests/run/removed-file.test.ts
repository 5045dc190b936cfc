import { expect, it } from 'vitest'
import { hostFailure } from '../../src/run/host/host-outcome.ts'
import { approves, implements_ } from './fakes/scripted-agents.ts'
import { createWorld, wp } from './fakes.ts'

it('a WP whose file was removed needs a person: the event prints both commands that are known, as the end does', async () => {
  const world = createWorld({
    wps: [{ wpId: wp('WP01') }, { wpId: wp('WP02') }],
    behave: ({ role }) => (role === 'implementation' ? implements_ : approves),
    fault: (command, wpId) =>
      wpId === 'WP02' && command !== 'missionState' ? hostFailure('WP_NOT_FOUND', 'Work package not found') : null,
  })
  const ended = await world.time.drive(world.begin().whole())

  const back = 'git checkout HEAD -- tasks/WP02.md'
  const both = [`${back} && sko resume`, `${back} && sko skip WP02 --reason 'its file was removed'`]
  const asked = world.events.flatMap(event => (event.type === 'needs-person' ? [event] : []))
  expect(asked).toMatchObject([{ wpId: 'WP02', next: both.map(command => ({ command })) }])
  expect(ended?.finish?.next.map(({ command }) => command)).toEqual([...both, 'sko resume'])
})
