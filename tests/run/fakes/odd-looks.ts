import type { MissionState } from '../../../src/run/host/answers.ts'
import { type HostOutcome, hostFailure } from '../../../src/run/host/host-outcome.ts'

export type Look = (state: MissionState) => HostOutcome<MissionState>

export const ok = (data: MissionState): HostOutcome<MissionState> => ({ ok: true, data })
const wpsOf = (change: (wp: MissionState['work_packages'][number]) => MissionState['work_packages']): Look => {
  return state => ok({ ...state, work_packages: state.work_packages.flatMap(change) })
}

/**
 * What a look at a mission answers while someone saves, checks out or upgrades; in the forms in which the real host
 * does (3.2.7), as far as it does. The dependencies are those of a pair: WP02 on WP01.
 */
export const oddLooks: Readonly<Record<string, Look>> = {
  'a WP file half saved': () => hostFailure('host-defect', 'FrontmatterError: Malformed frontmatter (no closing ---)'),
  'the host away': () => hostFailure('host-missing', 'spec-kitty is not there'),
  'no answer in time': () => hostFailure('host-timed-out', 'no answer in time'),
  'no mission': () => hostFailure('MISSION_NOT_FOUND', 'Mission not found in kitty-specs/'),
  'an unknown dependency': wpsOf(wp => [{ ...wp, dependencies: wp.wp_id === 'WP02' ? ['WP01', 'WP07'] : [] }]),
  'a dependency that is no id': wpsOf(wp => [{ ...wp, dependencies: wp.wp_id === 'WP02' ? ['WP-1'] : [] }]),
  'a circle': wpsOf(wp => [{ ...wp, dependencies: [wp.wp_id === 'WP01' ? 'WP02' : 'WP01'] }]),
  'an id that is none': wpsOf(wp => [{ ...wp, wp_id: `${wp.wp_id}-x`, dependencies: [] }]),
  'dependencies gone': wpsOf(wp => [{ ...wp, dependencies: [] }]),
  'a WP gone': state => {
    const left = state.work_packages.filter(({ wp_id }) => wp_id !== 'WP02')
    return ok({ ...state, work_packages: left, summary: { planned: left.length } })
  },
  'a WP more': state => {
    const more = { wp_id: 'WP09', lane: 'planned', dependencies: [] }
    return ok({ ...state, work_packages: [...state.work_packages, more], summary: { planned: 3 } })
  },
  'no WP at all': state => ok({ ...state, work_packages: [], summary: {} }),
  'every WP planned': state => {
    const planned = state.work_packages.map(wp => ({ ...wp, lane: 'planned' }))
    return ok({ ...state, work_packages: planned, summary: {} })
  },
  'another mission': state => ok({ ...state, mission_slug: '002-other-01ABCDEF' }),
}
