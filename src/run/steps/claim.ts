import { isLaneId, type WpId } from '../../core/ids.ts'
import { type Lane, laneName } from '../../core/mission/lane.ts'
import { shellWord } from '../../core/text.ts'
import { mayHaveLeft } from '../../core/work-package/cut-off.ts'
import { uncommitted } from '../../core/work-package/lifecycle.ts'
import type { Outcome, Step } from '../../core/work-package/step.ts'
import type { LaneWorktree, WorkPackage } from '../../core/work-package/work-package.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { WorktreeState } from '../git/workspace.ts'
import type { ResolvedWorkspace } from '../host/answers.ts'
import type { RunContext } from '../run-context.ts'
import { mayPass, mutate } from './mutate.ts'

export async function* claim(
  wp: WorkPackage,
  step: Extract<Step, { kind: 'claim' }>,
  run: RunContext,
): GitWork<Outcome> {
  const inUse = await inUseByAnother(wp, run)
  if (inUse) return inUse
  const policy = run.agents.policy(step.agent, 'implementation')
  const start = () => run.ports.host.startImplementation({ mission: run.mission, wpId: wp.wpId, policy })
  run.worktrees.expect(wp.wpId)
  const first = await mutate(run, wp, start)
  const again = first.kind === 'refused' ? yield* mayTryAgain(wp, first, run) : false
  if (typeof again === 'object') return again
  const answer = again ? await mutate(run, wp, start) : first
  if (answer.kind === 'refused') return answer
  const worktree = laneWorktree(answer.data)
  if (!worktree) return withoutLane(answer.data)
  return taken(wp, worktree, 'in_progress', run) ?? { kind: 'claimed', worktree }
}

/**
 * Asked before the claim, which merges dependencies into the lane worktree. The lanes may have changed since they were
 * asked for, unless that was after the last look.
 */
async function inUseByAnother(wp: WorkPackage, run: RunContext): Promise<Outcome | null> {
  if (!run.couldMeet(wp.wpId)) return null
  const named = run.worktrees.nameOf(wp.wpId)
  const worktree = named === undefined ? await ask(wp, run) : named
  const by = worktree && run.worktrees.holderOf(worktree.path, wp.wpId)
  return by ? { kind: 'worktree-in-use', by, worktree, lane: wp.lane } : null
}

async function ask({ wpId }: WorkPackage, run: RunContext): Promise<LaneWorktree | null> {
  const answer = await run.ports.host.resolveWorkspace({ mission: run.mission, wpId })
  return answer.ok ? laneWorktree(answer.data) : null
}

/** Takes the worktree that the host has just named for the WP. Returns null on success. */
function taken(wp: WorkPackage, worktree: LaneWorktree, lane: Lane, run: RunContext): Outcome | null {
  const by = run.worktrees.take(wp.wpId, worktree.path)
  return by ? { kind: 'worktree-in-use', by, worktree, lane } : null
}

/**
 * After the host refused a claim because of the lane worktree: commits what an earlier attempt left there, or removes the
 * incomplete worktree of a killed claim. Two clients that make one worktree at once are also worth one retry. Where another
 * WP of this run works, or where the host may be making its worktree, nothing is changed: returns the outcome.
 */
async function* mayTryAgain(
  wp: WorkPackage,
  refused: Extract<Outcome, { kind: 'refused' }>,
  run: RunContext,
): GitWork<boolean | Outcome> {
  if (refused.reason !== 'no-lane-worktree' || laneName(refused.lane) !== laneName(wp.lane)) return false
  const resolved = await run.ports.host.resolveWorkspace({ mission: run.mission, wpId: wp.wpId })
  if (!resolved.ok) return false
  const { workspace } = run.ports
  const path = resolved.data.workspace_path
  const worktree = laneWorktree(resolved.data)
  const by = await userOf(path, wp, run)
  if (by) return worktree ? { kind: 'worktree-in-use', by, worktree, lane: wp.lane } : false
  const state = yield* need(workspace.inspect(path))
  if (state.kind === 'missing' || !state.dirty) return true
  const left = worktree && leftByAnother(wp, worktree, run)
  if (left) return left
  if (wp.record.attempts.length > 0) {
    yield* salvage(wp, path, state, run)
    return true
  }
  if (yield* need(workspace.removeHalfMade(path, resolved.data.lane_base_ref ?? null))) {
    run.ports.report({ type: 'half-made-removed', wpId: wp.wpId, worktree: path })
    return true
  }
  // The git of a killed host call keeps running and may have completed the worktree in the meantime.
  const now = yield* need(workspace.inspect(path))
  return now.kind === 'ready' && !now.dirty
}

/** The other WP that works there, or for which the host may be making this worktree now. */
async function userOf(path: string, { wpId }: WorkPackage, run: RunContext): Promise<WpId | null> {
  const { worktrees } = run
  for (const other of worktrees.expecting(wpId)) {
    const answer = await run.ports.host.resolveWorkspace({ mission: run.mission, wpId: other })
    if (!answer.ok || worktrees.isSame(answer.data.workspace_path, path)) return other
  }
  return worktrees.holderOf(path, wpId)
}

/**
 * What an agent of another WP of this run left in the worktree is for that WP to commit or put back. It begins first, but
 * not while the host does not say where its worktree is.
 */
function leftByAnother({ wpId, record }: WorkPackage, { path, branch }: LaneWorktree, run: RunContext): Outcome | null {
  if (mayHaveLeft(record)) return null
  const records = run.ports.store.records()
  const by = records.find(other => other.wpId !== wpId && other.laneBranch === branch && mayHaveLeft(other))
  if (!by) return null
  return unanswered(
    `${by.wpId} left uncommitted changes in ${path} and commits or removes them when it continues; if it does not, do that`,
  )
}

/** Commits the content of the worktree with a message that says where it comes from. */
export async function* salvage(wp: WorkPackage, path: string, found: WorktreeState, run: RunContext): GitWork<string> {
  const message = `${wp.wpId}: keep what attempt ${wp.record.attempts.at(-1)?.number ?? 0} left uncommitted`
  const head = yield* need(run.ports.workspace.commitAll(path, message, found))
  run.ports.report({ type: 'work-committed', wpId: wp.wpId, commit: head, message })
  return head
}

export async function* resolve(wp: WorkPackage, run: RunContext): GitWork<Outcome> {
  const ours = wp.record.attempts.length > 0 || wp.record.laneBranch !== null
  const isUnknown = wp.lane === 'in_progress' && !ours
  const resolved = isUnknown ? await confirmOwner(wp, run) : yield* resolveOurs(wp, run)
  if (resolved.kind !== 'resolved') return resolved
  return taken(wp, resolved.worktree, wp.lane, run) ?? resolved
}

/**
 * For a WP in progress without a record: a person may be working on it. Only start-implementation shows the owner
 * (measured: a no-op for the owner, WP_ALREADY_CLAIMED for others, and a refusal when the worktree is dirty).
 */
async function confirmOwner(wp: WorkPackage, run: RunContext): Promise<Outcome> {
  const agent = run.agents.facts('implementation')[0]
  if (!agent) return leftAlone('it is in progress, and no agent is configured for the implementation')
  const policy = run.agents.policy(agent.id, 'implementation')
  const answer = await mutate(run, wp, () =>
    run.ports.host.startImplementation({ mission: run.mission, wpId: wp.wpId, policy }),
  )
  if (answer.kind === 'refused' && answer.reason === 'no-lane-worktree') {
    const named = await ask(wp, run)
    const left = named && leftByAnother(wp, named, run)
    if (left) return left
    return leftAlone(
      `it is in progress, not by this run, with uncommitted work; commit or remove it: ${answer.message}`,
    )
  }
  if (answer.kind === 'refused') return answer
  const worktree = laneWorktree(answer.data)
  return worktree ? { kind: 'resolved', worktree } : withoutLane(answer.data)
}

async function* resolveOurs(wp: WorkPackage, run: RunContext): GitWork<Outcome> {
  const answer = await run.ports.host.resolveWorkspace({ mission: run.mission, wpId: wp.wpId })
  if (!answer.ok) {
    const reason = `the host does not say where its lane worktree is (${answer.code}): ${answer.message}`
    return mayPass(answer.code, answer.message) ? unanswered(reason) : leftAlone(reason)
  }
  const worktree = laneWorktree(answer.data)
  if (!worktree) return withoutLane(answer.data)
  const state = yield* need(run.ports.workspace.inspect(worktree.path))
  if (state.kind === 'ready') {
    return (yield* leftBehind(wp, worktree, state.head, run)) ?? (await onItsBranch(wp, worktree, state.branch, run))
  }
  if (wp.lane !== 'in_progress') return leftAlone(`its lane worktree ${worktree.path} is gone`)
  // Measured: for a WP in progress whose worktree is gone, start-implementation makes it again and moves nothing.
  const agent = wp.record.work?.agent ?? run.agents.facts('implementation')[0]?.id
  if (!agent) return leftAlone(`its lane worktree ${worktree.path} is gone`)
  const policy = run.agents.policy(agent, 'implementation')
  const made = await mutate(run, wp, () =>
    run.ports.host.startImplementation({ mission: run.mission, wpId: wp.wpId, policy }),
  )
  if (made.kind === 'refused') return made
  const created = yield* need(run.ports.workspace.inspect(worktree.path))
  const lost = created.kind === 'ready' ? yield* leftBehind(wp, worktree, created.head, run) : null
  return lost ?? { kind: 'resolved', worktree }
}

/** The host names another lane than the one with the WP's work. Starting in the new lane would lose the work. */
async function* leftBehind(
  { record }: WorkPackage,
  { path, branch }: LaneWorktree,
  head: string,
  run: RunContext,
): GitWork<Outcome | null> {
  const { laneBranch } = record
  const last = record.attempts.findLast(({ headCommit }) => headCommit !== null)?.headCommit
  if (laneBranch === null || laneBranch === branch || !last) return null
  if (yield* need(run.ports.workspace.isAncestor(path, last, head))) return null
  const cure = `git -C ${shellWord(path)} merge ${laneBranch}`
  return leftAlone(`its lane was changed from ${laneBranch} to ${branch}, which does not have its work: ${cure}`, cure)
}

/** On another branch nothing is done, unless an attempt of this run left it checked out: `commit` handles that. */
async function onItsBranch(
  wp: WorkPackage,
  worktree: LaneWorktree,
  branch: string | null,
  run: RunContext,
): Promise<Outcome> {
  const { path } = worktree
  const ended = wp.record.attempts.every(attempt => attempt.result !== null) && !uncommitted(wp)
  if (branch === worktree.branch || wp.lane !== 'in_progress' || !ended) return { kind: 'resolved', worktree }
  const where = branch ? `on branch ${branch}` : 'on no branch'
  const isThere = (await run.ports.commits.resolve(`refs/heads/${worktree.branch}`)) !== null
  const cure = `git -C ${shellWord(path)} ${isThere ? 'checkout' : 'switch -c'} ${shellWord(worktree.branch)}`
  return leftAlone(`its lane worktree ${path} is ${where}, not on ${worktree.branch}: ${cure}`, cure)
}

export function laneWorktree(data: ResolvedWorkspace): LaneWorktree | null {
  if (!data.lane_id || !isLaneId(data.lane_id) || !data.lane_branch) return null
  return {
    path: data.workspace_path,
    promptPath: data.prompt_path,
    laneId: data.lane_id,
    branch: data.lane_branch,
    baseRef: data.lane_base_ref ?? null,
  }
}

/** Measured (3.2.7): also while lanes.json is not there, as in the middle of a checkout. */
function withoutLane(data: ResolvedWorkspace): Outcome {
  return unanswered(
    `the host gives it no lane worktree (${data.workspace_path}): run \`spec-kitty doctor workspaces --json\``,
  )
}

export function unanswered(reason: string): Outcome {
  return { kind: 'unanswered', reason }
}

/** `cure`: the command that fixes it. */
export function leftAlone(reason: string, cure?: string): Outcome {
  return { kind: 'halted', halt: { kind: 'left-alone', reason, ...(cure === undefined ? {} : { cure }) } }
}
