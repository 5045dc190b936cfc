import { basename } from 'node:path'
import { implementationFrame, type SoFar } from '../../core/prompt/prompt.ts'
import { stashNotes } from '../../core/repository/stash-crossing.ts'
import { quote, shellWord } from '../../core/text.ts'
import { uncommitted } from '../../core/work-package/lifecycle.ts'
import { hasOwnChange, ownStretches } from '../../core/work-package/own-work.ts'
import { sessionToResume } from '../../core/work-package/session.ts'
import type { Outcome, Step } from '../../core/work-package/step.ts'
import { subtasksClaimed } from '../../core/work-package/subtasks.ts'
import type { WorkPackage, WpRecord } from '../../core/work-package/work-package.ts'
import { runAttempt } from '../attempts/attempt.ts'
import type { EndedAttempt } from '../attempts/ended-attempt.ts'
import { type GitWork, inParallel, need } from '../git/git-work.ts'
import type { ReadyWorktree } from '../git/workspace.ts'
import { othersInLane } from '../mission/lane-history.ts'
import { readWpFile } from '../mission/wp-file.ts'
import { wpModel } from '../models/wp-defaults.ts'
import type { RunContext } from '../run-context.ts'
import { leftAlone, salvage, unanswered } from './claim.ts'
import { framed } from './framed.ts'
import { readTask } from './read-task.ts'

/** One implementation attempt: clean tree, prompt, agent. The next step, `commit`, handles its changes. */
export async function* implement(
  wp: WorkPackage,
  step: Extract<Step, { kind: 'implement' }>,
  run: RunContext,
): GitWork<Outcome> {
  const { worktree, record } = wp
  if (!worktree) throw new Error(`${wp.wpId} is to be implemented before its worktree is known`)
  const { workspace } = run.ports
  const state = yield* need(workspace.inspect(worktree.path))
  if (state.kind === 'missing') return gone(worktree.path)
  const full = yield* need(workspace.whyNoRoom(worktree.path))
  if (full !== null) return unanswered(full)
  const baseCommit = state.dirty ? yield* salvage(wp, worktree.path, state, run) : state.head
  const file = await readTask(wp, run)
  if (typeof file === 'string') return unanswered(file)
  const { subtasks } = readWpFile(file)
  const { reachesHost, resumes } = run.agents.agent(step.agent)
  const frame = implementationFrame({
    mission: run.mission,
    worktree: worktree.path,
    branch: worktree.branch,
    record,
    subtasks,
    checks: run.config.checks.run,
    reachesHost,
    // It is first on the agent's PATH under its own name only.
    host: basename(run.config.host.command) === 'spec-kitty' ? 'spec-kitty' : '"$SKO_HOST"',
    soFar: yield* whatIsThere(wp, baseCommit, run),
    foretold: run.foretold(wp.wpId),
    stash: stashNotes(wp.wpId, run.ports.store.records()),
  })
  const ended = await runAttempt(
    {
      wp,
      role: 'implementation',
      agent: step.agent,
      worktree: worktree.path,
      prompt: framed(frame, file),
      baseCommit,
      // Uncommitted content from before the first attempt is merged with the WP, so its reviewer must see it.
      wpBase: state.head,
      resumeSession: resumes ? sessionToResume(record, step.agent) : null,
      wpModel: wpModel(wp, 'implementation', step.agent, file, run),
    },
    run,
  )
  return afterImplementation(wp, ended, run)
}

/** Processes the end of an implementation attempt, except for its changes, which `commit` handles. */
export async function afterImplementation(
  wp: WorkPackage,
  { begun, attempt, outcome }: EndedAttempt,
  run: RunContext,
): Promise<Outcome> {
  if (!outcome) return { kind: 'interrupted' }
  const { reachesHost } = run.agents.agent(attempt.agent)
  if (!reachesHost && attempt.result?.kind === 'succeeded' && wp.worktree) {
    const file = await readTask(wp, run)
    // The host's guard names the open subtasks then, and the next attempt is given that message.
    const subtasks = typeof file === 'string' ? [] : readWpFile(file).subtasks
    await markClaimed(wp, subtasksClaimed(outcome.report.text, subtasks), run)
  }
  return { kind: 'attempt-ended', begun, attempt, judgement: null }
}

/** What the attempts of this cycle left so far, for the next attempt. */
async function* whatIsThere(wp: WorkPackage, head: string, run: RunContext): GitWork<SoFar | null> {
  const { cycleBase } = wp.record
  const path = wp.worktree?.path ?? ''
  if (!cycleBase || cycleBase === head) return null
  const { workspace } = run.ports
  const history = yield* need(workspace.history(path, cycleBase))
  const parts = ownStretches(history, wp.record, othersInLane(wp, run)).map(
    part => [part.base.commit, part.head.commit] as const,
  )
  if (parts.length === 0) return null
  const logs = yield* inParallel(parts.map(([base, head]) => need(workspace.log(path, base, head))))
  const stats = yield* inParallel(parts.map(([base, head]) => need(workspace.diffStat(path, base, head))))
  const log = logs.flatMap(text => text.split('\n')).map(line => quote(line))
  return { log: log.join('\n'), diffStat: stats.join('\n') }
}

/** Marks subtasks for an agent in a sandbox. A refusal is no failure here; the host's guard names what is open. */
async function markClaimed(wp: WorkPackage, subtasks: readonly string[], run: RunContext): Promise<void> {
  if (subtasks.length === 0) return
  const answer = await run.ports.host.markSubtasks({ mission: run.mission, subtasks })
  if (answer.ok) run.ports.report({ type: 'subtasks-marked', wpId: wp.wpId, subtasks })
  else run.ports.report({ type: 'host-refused', wpId: wp.wpId, step: 'mark-status', message: answer.message })
}

/** Commits the changes of the attempt, also after a failure, so that nothing an agent wrote is lost. */
export async function* commit(
  wp: WorkPackage,
  step: Extract<Step, { kind: 'commit' }>,
  run: RunContext,
): GitWork<Outcome> {
  const path = wp.worktree?.path ?? ''
  const state = yield* need(run.ports.workspace.inspect(path))
  if (state.kind === 'missing') return gone(path)
  const isClean = !state.dirty && (yield* need(run.ports.workspace.hiddenFiles(path))).length === 0
  if (isClean) return yield* onLaneBranch(wp, state, run)
  const how = step.attempt.result?.kind === 'succeeded' ? '' : ` (${step.attempt.result?.kind ?? 'unfinished'})`
  const message = `${wp.wpId}: attempt ${step.attempt.number} by ${step.attempt.agent}${how}`
  const head = yield* need(run.ports.workspace.commitAll(path, message, state))
  run.ports.report({ type: 'work-committed', wpId: wp.wpId, commit: head, message })
  return yield* onLaneBranch(wp, { head, branch: state.branch }, run)
}

/** An agent may have left another branch, or none, checked out. Moves its commits to the lane branch. */
async function* onLaneBranch(
  wp: WorkPackage,
  { head, branch: found }: Pick<ReadyWorktree, 'head' | 'branch'>,
  run: RunContext,
): GitWork<Outcome> {
  const { path, branch } = wp.worktree ?? { path: '', branch: '' }
  const { workspace, report } = run.ports
  if (found === branch) return yield* committed(wp, head, run)
  if (yield* need(workspace.returnToBranch(path, branch))) return yield* committed(wp, head, run)
  report({ type: 'commits-elsewhere', wpId: wp.wpId, laneBranch: branch, branch: found || null, head })
  const back = yield* need(workspace.inspect(path))
  return back.kind === 'missing' ? gone(path) : yield* committed(wp, back.head, run)
}

/** The head of the lane branch, and whether this WP has changed anything in this cycle. */
async function* committed(wp: WorkPackage, head: string, run: RunContext): GitWork<Outcome> {
  const path = wp.worktree?.path ?? ''
  const others = othersInLane(wp, run)
  const attempt = uncommitted(wp)
  const lost = attempt ? yield* lostFromLane(path, others, { from: attempt.baseCommit, to: head }, run) : null
  if (lost) return lost
  const base = wp.record.cycleBase ?? attempt?.baseCommit ?? head
  const history = yield* need(run.ports.workspace.history(path, base, head))
  const tree = history.at(-1)?.tree ?? ''
  return { kind: 'committed', head, tree, changed: hasOwnChange(history, wp.record, others) }
}

/** An agent that reset the branch or rewrote its history may have dropped commits of another WP. */
async function* lostFromLane(
  path: string,
  others: readonly WpRecord[],
  { from, to }: { readonly from: string; readonly to: string },
  run: RunContext,
): GitWork<Outcome | null> {
  const { workspace } = run.ports
  for (const { wpId, work } of others) {
    if (!work || (yield* need(workspace.isAncestor(path, work.headCommit, to)))) continue
    if (!(yield* need(workspace.isAncestor(path, work.headCommit, from)))) continue
    return leftAlone(
      `its agent rewrote the history of the lane branch, which no longer has the work of ${wpId}; in ${path}, run git merge ${work.headCommit}`,
      `git -C ${shellWord(path)} merge ${work.headCommit}`,
    )
  }
  return null
}

function gone(path: string): Outcome {
  return leftAlone(`its lane worktree ${path} is gone`)
}
