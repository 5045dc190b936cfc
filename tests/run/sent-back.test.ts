import { expect, it } from 'vitest'
import { approves, type Behaviour, implements_ } from './fakes/scripted-agents.ts'
import { createWorld, runWorld, wp } from './fakes.ts'

/** WP02 takes an hour, so that the run is still there when a person acts. */
const behave: Behaviour = ({ role, wpId }) => ({
  ...(role === 'implementation' ? implements_ : approves),
  ms: wpId === 'WP02' ? 3_600_000 : 1_000,
})

it.each(['planned', 'in_progress'] as const)(
  'an approved work package that a person sends back to %s is worked on and approved again',
  async lane => {
    const world = createWorld({
      wps: [{ wpId: wp('WP01') }, { wpId: wp('WP02') }],
      behave,
    })
    const sent = world.time.delay(600_000).then(() => world.host.put(wp('WP01'), lane))
    await Promise.all([runWorld(world), sent])
    const reviews = world.agents.finished.filter(({ request }) => request.role === 'review')
    expect(reviews.map(({ request }) => request.wpId)).toEqual(['WP01', 'WP01', 'WP02'])
    expect(world.host.lanes()).toEqual({ WP01: 'approved', WP02: 'approved' })
  },
)
