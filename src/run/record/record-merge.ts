import type { MergeOf } from '../../core/mission/finish-progress.ts'
import { type NextCommand, resume } from '../../core/next-command.ts'
import { commitsIn, makeRecord } from '../../core/record/make-record.ts'
import { settingsOf } from '../attempts/agent-pool.ts'
import { type GitWork, need, outcomeOf } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'
import type { StoredRecord } from './recorder.ts'

interface RecordedMerge {
  readonly record?: StoredRecord
  /** What a person does about a record that could not be stored, signed or pushed. */
  readonly next: readonly NextCommand[]
}

/**
 * Records who judged what was merged, once it was found to be covered. A process that dies before that, or a record that
 * cannot be stored, is made up for by the next `sko resume`, because nothing here is remembered but the record itself.
 */
export async function recordMerge(run: RunContext, of: MergeOf | null, isPushed: boolean): Promise<RecordedMerge> {
  if (of === null || of.after === null) return { next: [] }
  const { report } = run.ports
  const stored = await outcomeOf(storeRecord(run, { ...of, after: of.after }))
  if (!stored.ok) {
    const next = [{ command: resume, why: 'records the review of the merge again' }]
    report({ type: 'not-recorded', commit: of.after, reason: stored.message, next })
    return { next }
  }
  const record = stored.data
  const { ref, commit, path, file, signers, unsigned, isNew } = record
  const unsignedNext = unsigned === null ? [] : [{ command: resume, why: 'signs the record once its key can be used' }]
  if (isNew || unsigned !== null) {
    report({ type: 'recorded', ref, commit, path, file, signers, unsigned, next: unsignedNext })
  }
  const next = [...unsignedNext, ...(isPushed ? await whyRecordIsNotPushed(run, of, record) : [])]
  return { record, next }
}

async function* storeRecord(run: RunContext, of: MergeOf & { readonly after: string }): GitWork<StoredRecord> {
  const { recorder, store } = run.ports
  const start = store.start()
  const record = makeRecord(
    { of, records: store.records(), start },
    { ...recorder.facts(), modelOf: (agent, role) => settingsOf(run.config, agent, role).model },
  )
  const parents = yield* independent(run, commitsIn(record), start?.commits ?? [])
  return yield* need(recorder.store(record, parents))
}

/** The commits that are no ancestor of another one, so that fetching our ref brings all of them. */
async function* independent(
  run: RunContext,
  commits: readonly string[],
  since: readonly string[],
): GitWork<readonly string[]> {
  const graph = yield* need(run.ports.commits.graph(commits, since))
  const before = new Set(graph.flatMap(({ parents }) => parents))
  const known = new Set(graph.map(({ commit }) => commit))
  return commits.filter(commit => known.has(commit) && !before.has(commit))
}

async function whyRecordIsNotPushed(
  run: RunContext,
  { targetBranch }: MergeOf,
  { ref, commit }: StoredRecord,
): Promise<readonly NextCommand[]> {
  const { commits, recorder, report } = run.ports
  const remote = run.config.finish.push && targetBranch !== null ? await commits.remoteOf(targetBranch) : null
  if (remote === null) return []
  const pushed = await recorder.share(remote)
  const reason = pushed.ok ? pushed.data : pushed.message
  if (reason === null) {
    report({ type: 'record-pushed', ref, remote, commit })
    return []
  }
  const next = [{ command: resume, why: `pushes the review record to ${remote} once it takes it` }]
  report({ type: 'record-not-pushed', ref, remote, reason, next })
  return next
}
