import { expect, it } from 'vitest'
import { approves, implements_, rejects } from './fakes/scripted-agents.ts'
import { createWorld, runWorld, wp } from './fakes.ts'

/** The host has no "move it only from this lane": a person may be faster after our last look. */
it('is left to a person who blocks it just before the host carries out a rejection', async () => {
  const world = createWorld({
    wps: [{ wpId: wp('WP01') }],
    behave: ({ role }) => (role === 'review' ? rejects : implements_),
    fault: command => {
      if (command === 'transition' && world.host.lane(wp('WP01')) === 'in_review') {
        world.host.take(wp('WP01'), 'blocked')
      }
      return null
    },
  })
  const { wpResults } = await runWorld(world)
  expect(world.events.filter(({ type }) => type === 'attempt-started')).toHaveLength(2)
  expect(wpResults[0]?.reason).toBe('someone else moved it from in_review to blocked')
  expect(world.host.events.map(({ to }) => to).slice(-1)).toEqual(['in_progress'])
})

it('continues where no one moved it', async () => {
  let rejected = 0
  const world = createWorld({
    wps: [{ wpId: wp('WP01') }],
    behave: ({ role }) => (role === 'implementation' ? implements_ : rejected++ === 0 ? rejects : approves),
  })
  await runWorld(world)
  expect(world.host.lane(wp('WP01'))).toBe('approved')
})
