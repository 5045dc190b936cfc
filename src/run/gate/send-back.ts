import { laneName } from '../../core/mission/lane.ts'
import { type NextCommand, resume } from '../../core/next-command.ts'
import { shellWord } from '../../core/text.ts'
import { enterLane } from '../../core/work-package/apply-outcome.ts'
import { combinedLine, whyNotSentBack } from '../../core/work-package/sent-back.ts'
import type { CombinedFeedback, WorkPackage } from '../../core/work-package/work-package.ts'
import type { Located } from '../mission/located.ts'
import type { RunContext } from '../run-context.ts'
import { move, noteOf } from '../steps/transitions.ts'
import type { Gate, Together } from './together.ts'

/**
 * Moves the last WP of a lane from approved back to work, with what is to change. The feedback is saved before the host
 * call: after a crash in between, the WP is in progress at the host and its next attempt is given it.
 */
export async function sendBack(
  run: RunContext,
  { located, lanes }: Together,
  lane: number,
  feedback: CombinedFeedback,
): Promise<Exclude<Gate, { kind: 'open' }>> {
  const branch = lanes[lane]?.branch
  const users = located.filter(({ worktree }) => worktree?.branch === branch)
  const last = users.findLast(({ wpResult: { node } }) => node.lane === 'approved') ?? users.at(-1)
  if (!last) throw new Error(`no work package uses ${branch}`)
  const why = whyNot(run, last)
  if (why !== null) return needsPerson(run, last, feedback, why)
  const { node, record, worktree } = last.wpResult
  const wp: WorkPackage = { wpId: node.wpId, lane: node.lane, worktree, record: { ...record, feedback } }
  await run.ports.store.saveWorkPackage(wp.record)
  const agent = record.work?.agent ?? run.agents.facts('implementation')[0]?.id
  if (!agent) return needsPerson(run, last, feedback, 'no agent is configured for the implementation')
  const moved = await move(wp, run, 'in_progress', {
    policy: run.agents.policy(agent, 'implementation'),
    reviewRef: record.judgement?.reference ?? `combined/${wp.wpId}/c${record.cycle}`,
    note: noteOf(`sent back: ${combinedLine(feedback)}`),
  })
  if (moved.kind === 'refused' && laneName(moved.lane) !== 'in_progress') {
    return needsPerson(run, last, feedback, `the host did not move it back (${moved.code}): ${moved.message}`)
  }
  const back = enterLane({ ...wp, lane: 'in_progress' })
  await run.ports.store.saveWorkPackage(back.record)
  const { others, conflicts, results } = feedback
  run.ports.report({
    type: 'sent-back',
    wpId: wp.wpId,
    cycle: back.record.cycle,
    others,
    conflicts,
    command: results[0]?.command ?? null,
    log: results[0]?.log ?? null,
  })
  run.ports.report({ type: 'lane-changed', wpId: wp.wpId, from: laneName(node.lane), to: 'in_progress' })
  return { kind: 'sent-back' }
}

/** Why a person is asked instead. */
function whyNot(run: RunContext, { wpResult: { node, record, selected } }: Located): string | null {
  // The host has no way back from done.
  if (node.lane !== 'approved') return `it is ${laneName(node.lane)} at the host, and cannot go back to work`
  if (!selected) return 'this run does not work on it (--wp)'
  return whyNotSentBack(record, run.config.review.max_cycles)
}

function needsPerson(
  run: RunContext,
  { wpResult: { node }, worktree }: Located,
  feedback: CombinedFeedback,
  why: string,
): Exclude<Gate, { kind: 'open' }> {
  const message = `${node.wpId}: ${combinedLine(feedback)}; ${why}`
  const merge = feedback.others.map(({ commit }) => `git -C ${shellWord(worktree?.path ?? '.')} merge ${commit}`)
  const first = merge.length === 0 ? '' : `, after ${merge.join(' && ')}`
  const next: NextCommand = {
    command: resume,
    why: `merges once a person has corrected and committed it in its lane worktree${first}`,
  }
  if (feedback.conflicts.length === 0) {
    run.ports.report({ type: 'not-merged', code: 'combined-check', message, target: 'untouched', next: [next] })
  }
  return { kind: 'closed', next: [{ ...next, why: `${message}; ${next.why}` }] }
}
