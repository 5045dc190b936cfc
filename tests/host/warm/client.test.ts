import { expect, it } from 'vitest'
import { isWpId } from '../../../src/core/ids.ts'
import { createHostClient } from '../../../src/host/client.ts'
import type { HostCallResult } from '../../../src/process/host-call.ts'
import { envelope, slug } from '../scripted-host.ts'

const entry = envelope('append-history', { mission_slug: slug, wp_id: 'WP01', history_entry_id: 'hist-1' })

it.each<[string, HostCallResult, object]>([
  ['its report of success', { kind: 'status-lost', stdout: `${entry}\n` }, { ok: true }],
  ['half an answer', { kind: 'status-lost', stdout: entry.slice(0, 80) }, { ok: false, code: 'host-killed' }],
  ['nothing', { kind: 'status-lost', stdout: '' }, { ok: false, code: 'host-killed' }],
  [
    'a refusal',
    {
      kind: 'status-lost',
      stdout: `${envelope('append-history', {}, { success: false, error_code: 'USAGE_ERROR' })}\n`,
    },
    { ok: false, code: 'host-killed' },
  ],
])('of a call whose exit status is lost, %s counts as it does after a crash', async (_, result, outcome) => {
  const mutations: boolean[] = []
  const client = createHostClient({
    command: 'spec-kitty',
    cwd: '/repo',
    actor: 'sko',
    timeoutSeconds: 20,
    env: {},
    makeCall: async (_, mutates) => {
      mutations.push(mutates)
      return result
    },
  })
  const wpId = 'WP01'
  if (!isWpId(wpId)) throw new Error(wpId)
  expect(await client.appendHistory({ mission: slug, wpId, note: 'x' })).toMatchObject(outcome)
  expect(mutations).toEqual([true])
})
