import type { Event, EventBody, Reporter } from './event.ts'

/** Stamps every event and hands it to every reporter, in order. A reporter that fails is dropped: it never ends a run. */
export function createReport(
  runId: string,
  now: () => number,
  reporters: readonly Reporter[],
): { readonly report: (body: EventBody) => void; readonly close: () => Promise<void> } {
  const working = new Set(reporters)
  return {
    report: body => {
      const event: Event = { ...body, at: new Date(now()).toISOString(), runId }
      for (const reporter of working) {
        try {
          reporter.onEvent(event)
        } catch {
          working.delete(reporter)
        }
      }
    },
    close: async () => {
      await Promise.allSettled(reporters.map(reporter => reporter.close()))
    },
  }
}
