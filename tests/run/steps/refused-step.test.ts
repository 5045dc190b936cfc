import { expect, it } from 'vitest'
import type { RefusalReason } from '../../../src/core/work-package/refusal.ts'
import { type HostErrorCode, hostFaultCodes, hostRefusalCodes } from '../../../src/run/host/host-outcome.ts'
import { refusedStep } from '../../../src/run/steps/mutate.ts'

const codes: readonly HostErrorCode[] = [...hostRefusalCodes, ...hostFaultCodes, 'UNKNOWN_CODE']

it.each<readonly [RefusalReason, readonly HostErrorCode[]]>([
  ['claimed-by-others', ['WP_ALREADY_CLAIMED']],
  ['move-rejected', ['TRANSITION_REJECTED']],
  ['no-lane-worktree', ['LANE_ALLOCATION_FAILED']],
])('of all codes of the host only these are %s: %s', (reason, expected) => {
  expect(codes.filter(code => refusedStep({ code, message: '' }, 'planned').reason === reason)).toEqual(expected)
})

it('may pass: no answer, what is not found just now, and a lane worktree, for reasons that are not in it', () => {
  const passing = codes.filter(code => refusedStep({ code, message: '' }, 'planned').mayPass)

  const faults = hostFaultCodes.filter(code => code !== 'invalid-input')
  const expected = [
    'MISSION_NOT_FOUND',
    'WP_NOT_FOUND',
    'DEPENDENCIES_NOT_SATISFIED',
    'LANE_ALLOCATION_FAILED',
    ...faults,
  ]
  expect(passing).toEqual(expected)
  for (const message of ['it has uncommitted changes', 'merge conflict']) {
    expect(refusedStep({ code: 'LANE_ALLOCATION_FAILED', message }, 'planned').mayPass).toBe(false)
  }
})

it("keeps the host's words for a person, and the lane that was read back", () => {
  expect(refusedStep({ code: 'UNKNOWN_CODE', message: 'its words' }, 'blocked')).toEqual({
    ...{ kind: 'refused', reason: 'other', mayPass: false },
    ...{ code: 'UNKNOWN_CODE', message: 'its words', lane: 'blocked' },
  })
})
