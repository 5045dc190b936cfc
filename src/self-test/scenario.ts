import { readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isWpId, type WpId } from '../core/ids.ts'
import { keep } from '../git/kept/kept.ts'
import { contentOf, countFiles } from '../git/kept/kept-content.ts'
import { listKept } from '../git/kept/kept-refs.ts'
import { stashContent, stashEntries, stashTree } from '../git/kept/stash.ts'
import { whyNotMerge } from '../git/main/main-checkout.ts'
import { currentBranch, findRepository } from '../git/repository.ts'
import { createWorkspace } from '../git/worktree/workspace.ts'
import type { GitOutcome } from '../run/git/git-outcome.ts'
import { implementWork, laterWork, reviewersEdits } from './lane-work.ts'
import { laneBranch, type ScratchPlace } from './place.ts'

/** The result of one of our git calls. */
export interface Step {
  readonly name: string
  /** The returned value, or `{ error }`. */
  readonly result: unknown
}

interface Player extends ScratchPlace {
  readonly workspace: ReturnType<typeof createWorkspace>
  /** null: it threw, which is recorded. */
  readonly step: <T>(name: string, run: () => Promise<T>) => Promise<T | null>
  /** The same for a port, which returns a failure. */
  readonly ask: <T>(name: string, run: () => Promise<GitOutcome<T>>) => Promise<T | null>
  readonly patch: string
}

/** Makes every git call of a mission, in the order of a run. */
export async function playScenario(place: ScratchPlace): Promise<readonly Step[]> {
  const steps: Step[] = []
  const step: Player['step'] = async (name, run) => {
    try {
      const value = await run()
      steps.push({ name, result: value ?? 'done' })
      return value
    } catch (error) {
      steps.push({ name, result: errorOf(error) })
      return null
    }
  }
  const ask: Player['ask'] = (name, run) => step(name, async () => dataOf(await run()))
  const workspace = createWorkspace(place.root)
  const player = { ...place, workspace, step, ask, patch: join(place.folder, 'kept.patch') }
  const parts = [
    lookAround,
    removeTheHalfMade,
    implementTheWork,
    comeBackToTheBranch,
    undoTheReviewer,
    lookAtTheStash,
    finishTheMerge,
  ]
  // If a step left the repository unusable for the next part, record that as its result.
  for (const part of parts) await part(player).catch(error => steps.push({ name: part.name, result: errorOf(error) }))
  return steps
}

/** Times differ in each replay. */
function withoutTimes(entries: readonly object[]): readonly object[] {
  return entries.map(entry => Object.fromEntries(Object.entries(entry).filter(([name]) => !times.has(name))))
}

const times: ReadonlySet<string> = new Set(['at', 'committedAt'])

function ownWp(): WpId {
  const id = 'WP01'
  if (!isWpId(id)) throw new Error(`${id} is not a work package id`)
  return id
}

function dataOf<T>(outcome: GitOutcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.data
}

function errorOf(error: unknown): { readonly error: string } {
  return { error: error instanceof Error ? error.message : String(error) }
}

async function lookAround({ root, lane, workspace, step, ask }: Player): Promise<void> {
  await step('find the repository', () => findRepository(root))
  await step('find the repository from a lane', () => findRepository(lane))
  await step('name the branch', () => currentBranch(root))
  await ask('inspect a clean lane', () => workspace.inspect(lane))
  await ask('find where the lane began', () => workspace.mergeBase(lane, 'main'))
}

async function removeTheHalfMade({ halfMade, workspace, ask }: Player): Promise<void> {
  await ask('remove a half-made lane', () => workspace.removeHalfMade(halfMade, 'main'))
}

async function implementTheWork(player: Player): Promise<void> {
  const { lane, workspace, step, ask } = player
  const base = 'refs/heads/main'
  await implementWork(player)
  await ask('inspect changed files', () => workspace.inspect(lane))
  await leaveLock(player)
  const made = await ask('commit an implementation', () => workspace.commitAll(lane, 'WP01: implementation'))
  await ask('inspect what was committed', () => workspace.inspect(lane))
  if (made === null) return
  await ask('summarise a change', () => workspace.diffStat(lane, base, made))
  await ask('show a change', () => workspace.diff(lane, base, made, 100_000))
  await ask('show the beginning of a change', () => workspace.diff(lane, base, made, 500))
  await ask('list commits', () => workspace.log(lane, base, made))
  await ask('list changed files', () => workspace.changes(lane, base, made))
  await ask('read the history', () => workspace.history(lane, base))
  await ask('count own commits', () => workspace.ownCommitsSince(lane, [base]))
  await ask('compare commits', () => workspace.isAncestor(lane, base, made))
  await step('list commits with their makers', async () =>
    withoutTimes(dataOf(await workspace.commitsSince(lane, base)) ?? []),
  )
  await ask('look for hidden files', () => workspace.hiddenFiles(lane))
  await ask('look for links to nothing', () => workspace.danglingLinks(lane, base, made))
}

/** An agent that works elsewhere: on its own branch, then in the middle of a rebase. */
async function comeBackToTheBranch(player: Player): Promise<void> {
  const { lane, workspace, ask, git } = player
  await git(lane, ['checkout', '--quiet', '-b', 'elsewhere'])
  await laterWork(player)
  await ask('commit on another branch', () => workspace.commitAll(lane, 'WP01: work elsewhere'))
  await ask('take over commits of another branch', () => workspace.returnToBranch(lane, laneBranch))
  // Ignores the failure: the rebase stops at a conflict.
  await git(lane, ['rebase', '--quiet', '--force-rebase', '--exec', 'false', 'HEAD~1']).catch(() => null)
  await ask('leave a rebase', () => workspace.returnToBranch(lane, laneBranch))
  await ask('inspect the lane after a rebase', () => workspace.inspect(lane))
}

/** A reviewer that changed, committed and moved away the work it was to review. */
async function undoTheReviewer(player: Player): Promise<void> {
  const { root, lane, workspace, step, ask, patch } = player
  const before = await ask('inspect before the review', () => workspace.inspect(lane))
  if (before?.kind !== 'ready') return
  await reviewersEdits(player)
  const as = { wpId: ownWp(), why: 'its reviewer changed files', reason: 'review' }
  await step('keep what is there', () => keep({ ...as, worktree: lane, runId: 'self-test', proven: true }))
  await ask('undo what the reviewer did', () => workspace.restore(lane, before, { ...as, patchFile: patch }))
  await ask('inspect after the review', () => workspace.inspect(lane))
  await step('list what is kept', async () => withoutTimes(await listKept(root)))
  for (const [index, entry] of (await listKept(root).catch(() => [])).entries()) {
    await step(`show what is kept, ${index}`, () => contentOf(root, entry))
    await step(`count what is kept, ${index}`, () => countFiles(root, entry))
  }
  await step('read the kept patch', async () => (await readFile(patch)).toString('latin1'))
}

/** All lanes share what an agent stashes. */
async function lookAtTheStash({ root, lane, step, git }: Player): Promise<void> {
  await writeFile(join(lane, 'stashed.txt'), 'of the agent\n')
  await writeFile(join(lane, 'driven.drv'), 'stashed\n')
  await git(lane, ['stash', 'push', '--quiet', '--include-untracked', '--message', 'for later'])
  // git 2.31 names the branch differently in the subject.
  const list = async () => (await stashEntries(root)).map(({ commit, branchEnd }) => ({ commit, branchEnd }))
  const entries = await step('list the stash', list)
  for (const { commit } of entries ?? []) {
    await step('list the files of a stash', async () => [...(await stashContent(root, commit))])
    await step('make a tree of a stash', () => stashTree(root, commit))
  }
  await git(lane, ['stash', 'drop', '--quiet'])
}

/** An agent that ended in the middle of a merge with the base. */
async function finishTheMerge({ root, lane, workspace, step, ask, git }: Player): Promise<void> {
  await writeFile(join(root, 'base.txt'), 'of the base\n')
  await git(root, ['add', 'base.txt'])
  await git(root, ['commit', '--quiet', '--message', 'Change the base'])
  await git(lane, ['merge', '--quiet', '--no-ff', '--no-commit', 'main'])
  await ask('commit a merge', () => workspace.commitAll(lane, 'WP01: merge'))
  await ask('read the history with a merge', () => workspace.history(lane, 'refs/heads/main'))
  const place = { root, mission: 'demo', runId: 'self-test', onKept: () => undefined }
  for (const coord of [false, true]) {
    const name = `look whether the host can merge${coord ? ' in coord topology' : ''}`
    await step(name, () => whyNotMerge(place, { coord, strategy: 'merge', lanes: ['HEAD'] }))
  }
}

/** A lock as a killed git leaves it. It is old, for systems that do not show whether its git is still running. */
async function leaveLock({ lane, git }: Player): Promise<void> {
  const lock = (await git(lane, ['rev-parse', '--git-path', 'index.lock'])).trim()
  await writeFile(lock, '')
  await utimes(lock, new Date(0), new Date(0))
}
