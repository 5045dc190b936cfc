import type { WpId } from '../core/ids.ts'
import { applyMissionEvent } from '../core/mission/mission-event.ts'
import { beginMissionRun, inRun } from '../core/mission/mission-run.ts'
import { activeWps, couldMeetAnother } from '../core/mission/mission-schedule.ts'
import type { WpRecord } from '../core/work-package/work-package.ts'
import { createBell } from './bell.ts'
import { createDrivers } from './drivers.ts'
import { watchHostActs } from './finish/host-acts.ts'
import { createRehearsal } from './gate/rehearsal.ts'
import type { Loop } from './loop.ts'
import type { Mission } from './mission/look.ts'
import { createMissionWatch } from './mission/mission-watch.ts'
import { createQuestions } from './mission/questions.ts'
import { beginRecording } from './recording.ts'
import { beginVouchings } from './requests/vouching.ts'
import type { RunContext } from './run-context.ts'
import { settle } from './settle.ts'
import { createWhenToLook } from './when-to-look.ts'

export async function beginLoop(run: RunContext, first: Mission, records: ReadonlyMap<WpId, WpRecord>): Promise<Loop> {
  const failures: unknown[] = []
  const vouchings = await beginVouchings(run, first, records)
  const hostActs = await watchHostActs(run)
  const rehearsal = createRehearsal(run)
  const recording = beginRecording(run, first.nodes, records)
  let known = beginMissionRun(first.nodes, records)
  const loop: Loop = {
    run,
    vouchings,
    hostActs,
    recording,
    rehearsal,
    failures,
    watch: createMissionWatch(run, first),
    looks: createWhenToLook(run.ports.clock),
    questions: createQuestions(
      () => loop.bell.ring(),
      error => loop.fail(error),
    ),
    drivers: createDrivers(run, {
      mayBegin: () => loop.mayBegin() && activeWps(known).size <= run.config.max_concurrent_wps,
      onChoice: recording.chose,
      onOutcome: recording.cameOf,
      onStep: (wpId, step) => loop.apply({ type: 'step-began', wpId, step }),
      couldMeet: wpId => couldMeetAnother(wpId, known),
      foretold: rehearsal.foretold,
      onChange: wp => {
        const before = inRun(known, wp.wpId).lane.kind
        loop.apply({ type: 'changed', wp })
        // Others may wait for it.
        if (inRun(known, wp.wpId).lane.kind !== before) loop.bell.ring()
      },
      onEnd: driven => settle(loop, driven),
      onFailure: (wpId, error) => {
        loop.looks.want()
        loop.fail(error)
        loop.apply({ type: 'ended', wpId, end: null, now: run.ports.clock.now() })
      },
      onOver: () => loop.bell.ring(),
    }),
    bell: createBell(run.ports.clock),
    known: () => known,
    apply: event => {
      const before = known
      known = applyMissionEvent(before, event)
      recording.received(event, before, known)
    },
    mayBegin: () => run.mayBegin() && !known.paused && failures.length === 0,
    fail: error => {
      if (failures.length === 0 && activeWps(known).size > 1) run.ports.report(endsBecause(error))
      failures.push(error)
    },
  }
  return loop
}

function endsBecause(error: unknown) {
  return { type: 'run-failing', reason: error instanceof Error ? error.message : String(error) } as const
}
