import type { WpId } from '../core/ids.ts'
import type { MissionRunEvent } from '../core/mission/mission-event.ts'
import { type MissionRun, workPackageIn } from '../core/mission/mission-run.ts'
import { recordsIn, scheduleInput } from '../core/mission/mission-schedule.ts'
import type { ScheduleInput } from '../core/mission/schedule.ts'
import type { Bell } from './bell.ts'
import type { Drivers } from './drivers.ts'
import type { HostActs } from './finish/host-acts.ts'
import type { Rehearsal } from './gate/rehearsal.ts'
import type { MissionWatch } from './mission/mission-watch.ts'
import type { Questions } from './mission/questions.ts'
import type { Recording } from './recording.ts'
import type { Vouchings } from './requests/vouching.ts'
import type { RunContext } from './run-context.ts'
import type { WhenToLook } from './when-to-look.ts'

/** What the parts of the loop share. */
export interface Loop {
  readonly run: RunContext
  readonly vouchings: Vouchings
  readonly hostActs: HostActs
  readonly watch: MissionWatch
  readonly looks: WhenToLook
  readonly questions: Questions
  readonly drivers: Drivers
  readonly bell: Bell
  readonly recording: Recording
  readonly rehearsal: Rehearsal
  /** The errors that ended the run, the first one first; empty while it continues. */
  readonly failures: readonly unknown[]
  /** The current state of the loop. */
  known(): MissionRun
  apply(event: MissionRunEvent): void
  mayBegin(): boolean
  /** The first failure ends the run: running agents finish their attempt, and nothing new starts. */
  fail(error: unknown): void
}

export function scheduleInputOf({ run, vouchings, known }: Loop): ScheduleInput {
  const mission = known()
  return scheduleInput(mission, {
    onlyWps: run.onlyWps,
    maxConcurrentWps: run.config.max_concurrent_wps,
    unvouched: vouchings.without(mission.nodes, recordsIn(mission)),
    now: run.ports.clock.now(),
  })
}

export function startWp(loop: Loop, wpId: WpId): void {
  const entered = workPackageIn(loop.known(), wpId)
  if (!entered) return
  loop.apply({ type: 'started', wpId })
  loop.drivers.start(entered)
}
