import { expect, it } from 'vitest'
import { approves, fails } from '../fakes/scripted-agents.ts'
import { createWorld, wp } from '../fakes.ts'

it('an agent that fails and breaks its worktree: the attempt has an end, whatever the look at the disk says', async () => {
  const world = createWorld({
    wps: [{ wpId: wp('WP01') }],
    behave: ({ role }) => (role === 'review' ? approves : fails('agent-error')),
  })
  const { run, whole } = world.begin()
  Object.assign(run.ports.workspace, {
    whyNoRoom: async () => {
      if (world.agents.finished.length > 0) throw new Error('it is a link to /tmp')
      return { ok: true, data: null }
    },
  })
  await world.time.drive(whole().catch(() => null))

  const [first] = world.store.record(wp('WP01')).attempts
  expect(first).toMatchObject({ result: { kind: 'failed', failure: { class: 'agent-error' } } })
  expect(first?.endedAt).not.toBeNull()
})
