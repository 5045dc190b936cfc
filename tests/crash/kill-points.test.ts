import { expect, it } from 'vitest'
import { makeTemplate } from '../crash-long/support/crash-mission.ts'
import { killed } from '../crash-long/support/kills.ts'
import type { Outcome } from '../crash-long/support/outcome.ts'

const lanes = ['planned', 'claimed', 'in_progress', 'for_review', 'in_review', 'approved', 'done']

const undisturbed: Outcome = {
  lanes: { WP01: 'done' },
  moves: { WP01: lanes.slice(1).map((lane, index) => `${lanes[index]} -> ${lane}`) },
  acceptances: 1,
  merges: 1,
  attempts: 2,
}

/** Each kills the process that went on after the one before. `npm run test:crash` does it at every point, one by one. */
const kills = [
  // Before the run is stored.
  'rename orchestrator-run-state.json',
  'spawn host start-implementation WP01 (before)',
  'spawn host start-implementation WP01 (after)',
  // The agent is running, and its identity was not saved.
  'spawn claude demo-01M7FAKE-lane-a (after)',
  'spawn git commit (before)',
  // The host has moved it, and that is not saved.
  'exit host transition WP01',
  'spawn codex demo-01M7FAKE-lane-a (after)',
  'exit host transition WP01',
  'spawn host merge-mission (after)',
  'spawn host accept-mission (after)',
]

it('kill -9 at ten points of one work package: it ends as if nothing had been, and nothing is done twice', {
  timeout: 300_000,
}, async () => {
  const template = await makeTemplate({ shape: { WP01: [] }, rules: [], config: ['finish: { merge: merge }'] })
  const points = kills.map(at => ({ at }))
  const { killedAt, problems, resumes } = await killed(template, points, undisturbed).finally(template.dispose)
  const named = killedAt.map(point => point.replace(/^\d+ /, ''))
  expect({ problems, named, resumes }).toEqual({ problems: [], named: kills, resumes: 1 })
})
