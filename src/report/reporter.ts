import { type Event, type EventBody, eventSchemaVersion, type Reporter } from '../run/events/event.ts'

/** As in the state of the run. */
interface ReportedRun {
  readonly runId: string
  readonly missionId: string | null
  /** Full slug. */
  readonly mission: string
}

/**
 * Stamps every event and passes it to every reporter, in order. A failing reporter never ends a run: the others report
 * it once. It still gets the next events, because a full disk may have room again.
 */
export function createReport(
  { runId, missionId, mission }: ReportedRun,
  now: () => number,
  reporters: readonly Reporter[],
  /** Adapts an event to the state of the run, for example after an abort. */
  asOfNow: (body: EventBody) => EventBody = body => body,
): { readonly report: (body: EventBody) => void; readonly close: () => Promise<void> } {
  const origin = { runId, schema_version: eventSchemaVersion, mission_id: missionId, mission_slug: mission } as const
  const failed = new Set<Reporter>()
  const report = (body: EventBody): void => {
    const event: Event = { ...asOfNow(body), at: new Date(now()).toISOString(), ...origin }
    for (const reporter of reporters) {
      try {
        reporter.onEvent(event)
      } catch (error) {
        if (failed.has(reporter)) continue
        failed.add(reporter)
        report(notReported(error))
      }
    }
  }
  return {
    report,
    close: async () => {
      await Promise.allSettled(reporters.map(reporter => reporter.close()))
    },
  }
}

function notReported(error: unknown): EventBody {
  return { type: 'not-reported', reason: error instanceof Error ? error.message : String(error) }
}
