import type { WpId } from '../core/ids.ts'
import type { LifecycleContext } from '../core/work-package/lifecycle.ts'
import type { ActiveStep, Outcome, Step } from '../core/work-package/step.ts'
import type { WorkPackage } from '../core/work-package/work-package.ts'
import type { RunContext } from './run-context.ts'
import { type DrivenWorkPackage, driveWorkPackage, type Observer } from './work-package.ts'

/** One driver for each WP that this run works on now. */
export interface Drivers {
  start(entered: WorkPackage): void
  /** Stops the agent of the WP; does nothing when it has no driver. */
  stopAgent(wpId: WpId): void
  /** Resolves when the driver of the WP has ended; at once when it has none. */
  ended(wpId: WpId): Promise<void>
  allEnded(): Promise<void>
}

export interface DriverEvents {
  readonly mayBegin: () => boolean
  readonly couldMeet: RunContext['couldMeet']
  readonly foretold: RunContext['foretold']
  readonly onChoice: (wpId: WpId, step: Step, context: LifecycleContext) => void
  /** It is saved. */
  readonly onOutcome: (wpId: WpId, outcome: Outcome) => void
  readonly onStep: (wpId: WpId, step: ActiveStep) => void
  readonly onChange: (wp: WorkPackage) => void
  readonly onEnd: (driven: DrivenWorkPackage) => Promise<void>
  readonly onFailure: (wpId: WpId, error: unknown) => void
  /** Once one of the two above is done. */
  readonly onOver: () => void
}

interface Driver {
  readonly stop: AbortController
  readonly ended: Promise<void>
}

export function createDrivers(run: RunContext, events: DriverEvents): Drivers {
  const drivers = new Map<WpId, Driver>()
  return {
    start: entered => {
      const { wpId } = entered
      const stop = new AbortController()
      const itsRun = {
        ...run,
        stopping: AbortSignal.any([run.stopping, stop.signal]),
        mayBegin: events.mayBegin,
        couldMeet: events.couldMeet,
        foretold: events.foretold,
      }
      const observer: Observer = {
        onChoice: (step, context) => events.onChoice(wpId, step, context),
        onStep: step => events.onStep(wpId, step),
        onOutcome: outcome => events.onOutcome(wpId, outcome),
        onChange: events.onChange,
      }
      const over = async (tell: () => Promise<void> | void): Promise<void> => {
        // Before the loop can start another WP there.
        run.worktrees.release(wpId)
        await tell()
        // It may have been started again meanwhile.
        if (drivers.get(wpId)?.stop === stop) drivers.delete(wpId)
        events.onOver()
      }
      const ended = driveWorkPackage(entered, itsRun, observer).then(
        driven => over(() => events.onEnd(driven)),
        error => over(() => events.onFailure(wpId, error)),
      )
      drivers.set(wpId, { stop, ended })
    },
    stopAgent: wpId => drivers.get(wpId)?.stop.abort(),
    ended: wpId => drivers.get(wpId)?.ended ?? Promise.resolve(),
    allEnded: async () => {
      await Promise.all([...drivers.values()].map(({ ended }) => ended))
    },
  }
}
