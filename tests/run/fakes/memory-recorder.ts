import type { ReviewRecord } from '../../../src/core/record/review-record.ts'
import type { Recorder } from '../../../src/run/record/recorder.ts'
import type { Incarnation } from './incarnation.ts'

/** The records of a run by the commit of the target, with the parents that their commits have. */
export type MemoryRecords = Map<string, { readonly record: ReviewRecord; readonly parents: readonly string[] }>

export function memoryRecorder(life: Incarnation, millis: () => number, records: MemoryRecords): Recorder {
  return {
    facts: () => ({
      skoVersion: '0.0.0',
      runId: 'run-1',
      startedAt: '2026-01-01T00:00:00.000Z',
      recordedAt: '2026-01-01T01:00:00.000Z',
      mission: { slug: '001-demo-01ABCDEF', id: null },
      configurationSha256: '0'.repeat(64),
      folders: [],
    }),
    store: (record, parents) =>
      life.effect(millis(), () => {
        const { after } = record.target
        const isNew = !records.has(after)
        records.set(after, { record, parents })
        const place = {
          ref: 'refs/sko/attestations',
          commit: 'r1',
          path: `demo/${after}.json`,
          after,
          file: '/logs/r.json',
        }
        return { ok: true, data: { ...place, signers: [], unsigned: null, isNew } }
      }),
    share: () => life.effect(millis(), () => ({ ok: true, data: null })),
  }
}
