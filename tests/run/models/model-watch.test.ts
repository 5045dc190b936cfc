import { describe, expect, it } from 'vitest'
import { agentId } from '../../../src/agents/agent-id.ts'
import { isWpId, type WpId } from '../../../src/core/ids.ts'
import { type Attempt, newRecord } from '../../../src/core/work-package/work-package.ts'
import type { EventBody } from '../../../src/run/events/event.ts'
import { createModelWatch } from '../../../src/run/models/model-watch.ts'

const claude = agentId('claude-code')

function wp(id: string): WpId {
  if (!isWpId(id)) throw new Error(id)
  return id
}

const attempt = (number: number, model: string): Attempt => ({
  ...{ number, role: 'review', cycle: 1, agent: claude, baseCommit: 'a', startedAt: '', endedAt: null, process: null },
  ...{ headCommit: null, usage: null, lastWords: null, sessionId: null, resumedSession: null, result: null },
  ...{ configuredModel: 'opus', model },
})

function watch(attempts: readonly Attempt[], earlierAttempts = 0) {
  const events: EventBody[] = []
  const records = [{ ...newRecord(wp('WP01')), attempts, earlierAttempts }]
  return { events, models: createModelWatch(records, event => events.push(event)) }
}

describe('the models of a run', () => {
  it('are reported once for each pair', () => {
    const { events, models } = watch([])
    for (const id of ['WP01', 'WP02']) models.ended(wp(id), attempt(1, 'claude-sonnet-4-5'))
    models.ended(wp('WP02'), attempt(2, 'glm-4.6'))
    expect(events).toMatchObject([
      { type: 'model-swapped', wpId: 'WP01', role: 'review', attempt: 1, asked: 'opus', answered: 'claude-sonnet-4-5' },
      { type: 'model-swapped', wpId: 'WP02', role: 'review', attempt: 2, asked: 'opus', answered: 'glm-4.6' },
    ])
  })

  it('are not reported again after a resume, but again in a new run', () => {
    const swapped = attempt(1, 'claude-sonnet-4-5')
    const resumed = watch([swapped])
    resumed.models.ended(wp('WP02'), attempt(1, 'claude-sonnet-4-5'))
    expect(resumed.events).toEqual([])
    const fresh = watch([swapped], 1)
    fresh.models.ended(wp('WP02'), attempt(1, 'claude-sonnet-4-5'))
    expect(fresh.events).toHaveLength(1)
  })

  it('of WPs that are not used, and their other fields, are reported once', () => {
    const { events, models } = watch([])
    const refusal = { agent: claude, role: 'implementation', model: 'm', reason: 'why' } as const
    for (const id of ['WP01', 'WP01', 'WP02']) models.refused({ ...refusal, wpId: wp(id) })
    for (const id of ['WP01', 'WP02']) {
      models.read(wp(id), { agent: 'codex', model: null, profile: id, role: null }, claude)
    }
    expect(events).toEqual([
      { ...refusal, type: 'wp-model-not-used', wpId: 'WP01' },
      { ...refusal, type: 'wp-model-not-used', wpId: 'WP02' },
      { type: 'wp-field-not-used', wpId: 'WP01', field: 'agent', value: 'codex' },
      { type: 'wp-field-not-used', wpId: 'WP01', field: 'agent_profile', value: 'WP01' },
    ])
  })
})
