import type { WpId } from '../../../src/core/ids.ts'
import { type KnownLane, lanes, satisfiesDependents } from '../../../src/core/mission/lane.ts'
import type { MissionState } from '../../../src/run/host/answers.ts'
import { type HostClient, hostClient } from '../../../src/run/host/host-client.ts'
import {
  type HostErrorCode,
  type HostFailure,
  type HostOutcome,
  hostFailure,
} from '../../../src/run/host/host-outcome.ts'
import type { TransitionInput } from '../../../src/run/host/input.ts'
import type { Incarnation } from './incarnation.ts'
import type { MemoryGit } from './memory-git.ts'
import { refusalOf } from './memory-host-rules.ts'

export interface PlannedWp {
  readonly wpId: WpId
  readonly dependencies?: readonly WpId[]
  /** Default: one of its own. null: the host gives it none. */
  readonly laneId?: string | null
  readonly lane?: KnownLane
  /** Actor of the last event. */
  readonly owner?: string
  readonly subtasks?: readonly string[]
}

export interface HostEvent {
  readonly wpId: WpId
  readonly from: KnownLane
  readonly to: KnownLane
  readonly input: Partial<TransitionInput>
}

/** What happens to a call instead: a failure without effect, or the effect and a lost reply. */
export type Fault = HostFailure | 'lost-reply' | null

export interface MemoryHostOptions {
  readonly mission: string
  readonly wps: readonly PlannedWp[]
  readonly topology: 'coord' | 'lanes'
  readonly git: MemoryGit
  readonly actor: string
  readonly millis: () => number
  readonly onEvent?: (event: HostEvent) => void
  readonly fault?: (command: keyof HostClient, wpId: WpId | null) => Fault
  /** What it answers of the mission in place of the truth. */
  readonly look?: (truth: MissionState) => HostOutcome<MissionState>
}

interface HostWp {
  lane: KnownLane
  owner: string | null
  readonly dependencies: readonly WpId[]
  readonly openSubtasks: Set<string>
  laneId: string | null
}

export interface MemoryHost {
  readonly events: readonly HostEvent[]
  /** Names of the calls that were made, in order. */
  readonly calls: (keyof HostClient)[]
  /** How many of them failed. */
  failures(): number
  lane(wpId: WpId): KnownLane
  lanes(): Readonly<Record<string, KnownLane>>
  /** A person moves it, by whatever means. */
  put(wpId: WpId, lane: KnownLane): void
  /** The same, and from then on the host calls it theirs. */
  take(wpId: WpId, lane: KnownLane): void
  mark(wpId: WpId): void
  /** The lanes are recomputed: from now on it names this one for the WP. */
  relane(wpId: WpId, laneId: string): void
  worktreePath(wpId: WpId): string
  /** Of the main checkout; `work` unless a person has switched. */
  readonly mainBranch: () => string
  switchTo(branch: string): void
  readonly merged: () => boolean
  readonly accepted: () => boolean
  /** How often it recorded that. */
  readonly acceptances: () => number
  client(life: Incarnation): HostClient
}

/** The host in memory, after the rules that were recorded from the real one. */
export function createMemoryHost(options: MemoryHostOptions): MemoryHost {
  const { mission, git, actor, topology } = options
  const wps = new Map<WpId, HostWp>(
    options.wps.map((planned, index) => [
      planned.wpId,
      {
        lane: planned.lane ?? 'planned',
        owner: planned.owner ?? null,
        dependencies: planned.dependencies ?? [],
        openSubtasks: new Set(planned.subtasks ?? []),
        laneId: planned.laneId === undefined ? `lane-${index}` : planned.laneId,
      },
    ]),
  )
  const events: HostEvent[] = []
  const calls: (keyof HostClient)[] = []
  let mainBranch = 'work'
  let merged = false
  let accepted = false
  let acceptances = 0
  /** Files into which it has printed that the mission is accepted. */
  const answers = new Set<string>()
  let failures = 0

  const find = (wpId: WpId): HostWp => {
    const wp = wps.get(wpId)
    if (!wp) throw new Error(`the mission has no ${wpId}`)
    return wp
  }
  const pathOf = (wpId: WpId) => `/repo/.worktrees/${mission}-${find(wpId).laneId}`
  const workspaceOf = (wpId: WpId) => {
    const { laneId } = find(wpId)
    const lane_base_ref = topology === 'coord' ? `kitty/mission-${mission}` : 'work'
    const lane = laneId === null ? {} : { lane_id: laneId, lane_branch: `kitty/${laneId}`, lane_base_ref }
    const prompt_path = `/repo/kitty-specs/${mission}/tasks/${wpId}.md`
    return { mission_slug: mission, wp_id: wpId, workspace_path: pathOf(wpId), prompt_path, ...lane }
  }
  const move = (wpId: WpId, to: KnownLane, input: Partial<TransitionInput>): void => {
    const wp = find(wpId)
    const event: HostEvent = { wpId, from: wp.lane, to, input }
    wp.lane = to
    wp.owner = actor
    events.push(event)
    options.onEvent?.(event)
  }
  const refuse = (code: HostErrorCode, message: string) => hostFailure(code, message)
  const ok = <T>(data: T): HostOutcome<T> => ({ ok: true, data })
  /** Measured: canceled with a note of someone's own words it blocks no WP, without one it does. */
  const canceledByPerson = (wpId: WpId) => {
    const note = events.findLast(event => event.wpId === wpId)?.input.note ?? ''
    return find(wpId).lane === 'canceled' && note.trim() !== '' && !/^(?:Force move to |move-task: )/.test(note)
  }
  const open = (wp: HostWp) =>
    wp.dependencies.filter(id => !satisfiesDependents(find(id).lane) && !canceledByPerson(id))

  const allocate = (wpId: WpId): HostFailure | null => {
    const { laneId } = find(wpId)
    if (laneId === null) return null
    const worktree = git.allocate(pathOf(wpId), `kitty/${laneId}`)
    if (worktree.dirtyBy === null) return null
    return refuse('LANE_ALLOCATION_FAILED', `Lane ${laneId} worktree has uncommitted changes`)
  }

  const client = (life: Incarnation): HostClient => {
    const call = async <T>(
      command: keyof HostClient,
      wpId: WpId | null,
      answer: () => HostOutcome<T>,
    ): Promise<HostOutcome<T>> => {
      let outcome: HostOutcome<T> | null = null
      await life.effect(options.millis(), () => {
        calls.push(command)
        const fault = options.fault?.(command, wpId) ?? null
        if (fault !== null && fault !== 'lost-reply') outcome = fault
        else if (wpId !== null && !wps.has(wpId)) outcome = refuse('WP_NOT_FOUND', `Work package '${wpId}' not found`)
        else outcome = answer()
        if (fault === 'lost-reply') outcome = refuse('host-timed-out', `${command}: no answer in time`)
        if (!outcome?.ok) failures += 1
      })
      return outcome ?? refuse('host-killed', `${command}: never happened`)
    }

    const markSubtasks: HostClient['markSubtasks'] = ({ subtasks }) =>
      call('markSubtasks', null, () => {
        for (const wp of wps.values()) for (const subtask of subtasks) wp.openSubtasks.delete(subtask)
        return ok({ results: subtasks.map(id => ({ id, outcome: 'updated' })) })
      })
    // A command that the loop does not call yet needs no rules here.
    const unruled = hostClient({
      call: async command => refuse('UNKNOWN_CODE', `the host in memory has no ${command.name}`),
      markSubtasks,
    })
    return {
      ...unruled,
      contractVersion: () => call('contractVersion', null, () => ok({ api_version: '1.5.0' })),
      missionState: () =>
        call('missionState', null, () => {
          const all = [...wps].map(([wp_id, { lane, dependencies }]) => ({ wp_id, lane, dependencies }))
          const count = (lane: string) => all.filter(wp => wp.lane === lane).length
          const summary = Object.fromEntries(lanes.map(lane => [lane, count(lane)]))
          const truth = { mission_slug: mission, summary, work_packages: all }
          return options.look?.(truth) ?? ok(truth)
        }),
      listReady: () =>
        call('listReady', null, () => {
          const ready = [...wps].filter(([, wp]) => wp.lane === 'planned' && open(wp).length === 0)
          return ok({ mission_slug: mission, ready_work_packages: ready.map(([wp_id]) => ({ wp_id })) })
        }),
      resolveWorkspace: ({ wpId }) => call('resolveWorkspace', wpId, () => ok(workspaceOf(wpId))),
      startImplementation: ({ wpId, policy }) =>
        call('startImplementation', wpId, () => {
          const wp = find(wpId)
          const from = wp.lane
          const fresh = from === 'planned' || from === 'claimed'
          if (fresh && open(wp).length > 0)
            return refuse('DEPENDENCIES_NOT_SATISFIED', `${wpId} depends on ${open(wp)}`)
          const failed = allocate(wpId)
          if (failed) return failed
          if (!fresh && from !== 'in_progress') {
            return refuse('TRANSITION_REJECTED', `WP ${wpId} is in '${from}', cannot start implementation`)
          }
          if (from !== 'planned' && wp.owner !== null && wp.owner !== actor) {
            return refuse('WP_ALREADY_CLAIMED', `WP ${wpId} is already claimed by '${wp.owner}'`)
          }
          if (from === 'planned') move(wpId, 'claimed', { policy })
          if (fresh) move(wpId, 'in_progress', { policy })
          return ok({ ...workspaceOf(wpId), from_lane: from, to_lane: 'in_progress', no_op: !fresh })
        }),
      startReview: ({ wpId, policy }) =>
        call('startReview', wpId, () => {
          const from = find(wpId).lane
          if (from !== 'for_review' && from !== 'in_review') {
            return refuse('TRANSITION_REJECTED', `WP ${wpId} is in '${from}', cannot start review`)
          }
          if (from === 'for_review') move(wpId, 'in_review', { policy })
          return ok({ ...workspaceOf(wpId), from_lane: from, to_lane: 'in_review', no_op: from === 'in_review' })
        }),
      transition: input =>
        call('transition', input.wpId, () => {
          const { wpId } = input
          const wp = find(wpId)
          const to = lanes.find(lane => lane === input.to)
          if (!to) return refuse('host-defect', `ValueError: Unknown lane: '${input.to}'`)
          const worktree = git.worktrees.get(pathOf(wpId))
          const laneHasCommit = topology === 'coord' || (worktree?.commits.length ?? 0) > 1
          const reason = refusalOf(wp.lane, to, input, { openSubtasks: [...wp.openSubtasks], laneHasCommit })
          if (reason?.startsWith('POLICY_')) return refuse('POLICY_METADATA_REQUIRED', reason)
          if (reason !== null) return refuse('TRANSITION_REJECTED', reason)
          const from = wp.lane
          move(wpId, to, input)
          return ok({ mission_slug: mission, wp_id: wpId, from_lane: from, to_lane: to })
        }),
      appendHistory: ({ wpId }) =>
        call('appendHistory', wpId, () => ok({ mission_slug: mission, wp_id: wpId, history_entry_id: 'h' })),
      mergeMission: ({ strategy }) =>
        call('mergeMission', null, () => {
          if (merged) return refuse('PREFLIGHT_FAILED', 'Merge failed: Lane branch kitty/lane-0 does not exist')
          // Measured: it looks neither at lanes nor at uncommitted work.
          merged = true
          git.mergeLanes()
          for (const worktree of git.worktrees.values()) {
            if (worktree.dirtyBy !== null) git.lost.push(`${worktree.dirtyBy} in ${worktree.path}`)
            worktree.exists = false
          }
          for (const [wpId, wp] of wps) if (wp.lane === 'approved') move(wpId, 'done', {})
          const data = {
            mission_slug: mission,
            merged: true as const,
            target_branch: 'work',
            strategy: strategy ?? 'merge',
          }
          return ok(data)
        }),
      acceptMission: ({ keptAnswer }) =>
        call('acceptMission', null, () => {
          if (keptAnswer?.calledBefore && answers.has(keptAnswer.file))
            return ok({ mission_slug: mission, accepted: true })
          const incomplete = [...wps].filter(([, wp]) => !satisfiesDependents(wp.lane))
          if (incomplete.length > 0) return refuse('MISSION_NOT_READY', `${incomplete.length} incomplete WP(s)`)
          if (topology === 'coord' && !merged) return refuse('host-defect', 'FileNotFoundError: No meta.json')
          accepted = true
          acceptances += 1
          if (keptAnswer) answers.add(keptAnswer.file)
          return ok({ mission_slug: mission, accepted })
        }),
    }
  }

  return {
    events,
    calls,
    failures: () => failures,
    lane: wpId => find(wpId).lane,
    lanes: () => Object.fromEntries([...wps].map(([wpId, wp]) => [wpId, wp.lane])),
    put: (wpId, lane) => {
      find(wpId).lane = lane
    },
    take: (wpId, lane) => {
      find(wpId).lane = lane
      find(wpId).owner = 'a person'
    },
    mark: wpId => find(wpId).openSubtasks.clear(),
    relane: (wpId, laneId) => {
      find(wpId).laneId = laneId
    },
    worktreePath: pathOf,
    mainBranch: () => mainBranch,
    switchTo: branch => {
      mainBranch = branch
    },
    merged: () => merged,
    accepted: () => accepted,
    acceptances: () => acceptances,
    client,
  }
}
