import { type Answer, type LaneSet, nextProbe } from '../../core/gate/next-probe.ts'
import { hostFilesOf } from '../../core/judgement/coverage.ts'
import type { CombinedResult, FinishProgress } from '../../core/mission/finish-progress.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'
import { eachCheck } from '../steps/checks/each-check.ts'
import type { Layout, Merged } from './combining.ts'
import { knownResult } from './known-results.ts'
import type { Together } from './together.ts'

export type Checked =
  | { readonly kind: 'green'; readonly result: CombinedResult; readonly progress: FinishProgress }
  | Guilty
  | { readonly kind: 'target-red' | 'unclear'; readonly log: string | null }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'not-started'; readonly message: string }

/** The lane that goes back, and the one with which it is red; null: it is red alone. */
export interface Guilty {
  readonly kind: 'guilty'
  readonly lane: number
  readonly beside: number | null
  /** Of the smallest set of lanes that was red. */
  readonly result: CombinedResult
}

interface Known {
  /** All lanes merged into the target. */
  readonly whole: Merged
  readonly progress: FinishProgress
}

/** Results that are kept for a resume. */
const mostKept = 24

/** Runs the checks on all lanes together and, when they fail, on fewer of them, until the guilty are found. */
export async function* checkCombined(
  run: RunContext,
  together: Together,
  { whole, progress }: Known,
): GitWork<Checked> {
  const answers: (Answer & { readonly result: CombinedResult })[] = []
  let kept = progress
  let layout: Layout | null = null
  try {
    for (;;) {
      const probe = nextProbe(together.lanes.length, answers)
      if (probe.kind !== 'check') return endOf(probe, answers, kept)
      const at = probe.lanes.length === together.lanes.length ? whole : yield* merged(run, together, probe.lanes)
      if (at === null) return endOf({ kind: 'unclear' }, answers, kept)
      let result = yield* knownResult(run, together, probe.lanes, at, kept.combined)
      const isNew = result === null
      if (result === null) {
        const names = probe.lanes.flatMap(lane => together.lanes[lane]?.branch ?? [])
        run.ports.report({ type: 'combined-check', state: 'started', lanes: names, target: together.targetBranch })
        layout ??= yield* need(run.ports.combining.layOut(likeOf(together)))
        yield* need(layout.checkOut(at))
        const prefix = run.ports.store.combinedFiles(at.tree)
        const log = (number: number) => `${prefix}.check-${number}.log`
        const ran = await eachCheck(run, { wpId: null, path: layout.path, log }, ({ result }) => result)
        if (ran.kind !== 'ended') return ran
        result = { tree: at.tree, results: ran.results }
        kept = { ...kept, combined: [...kept.combined, result].slice(-mostKept) }
        await run.ports.store.saveFinish(kept)
      }
      report(run, together, probe.lanes, result, isNew)
      answers.push({ lanes: probe.lanes, green: isGreen(result), result })
    }
  } finally {
    layout?.remove()
  }
}

/** null: fewer lanes conflict where all of them did not. */
async function* merged(run: RunContext, { target, lanes }: Together, set: LaneSet): GitWork<Merged | null> {
  const heads = set.flatMap(lane => lanes[lane]?.head ?? [])
  const isHosts = hostFilesOf(run.mission)
  const combined = yield* need(run.ports.combining.combine(target, heads, isHosts))
  return combined.kind === 'merged' ? combined : null
}

/** Its ignored files: packages that its agent has installed. The last lane builds on the most of the others. */
function likeOf({ located, lanes }: Together): string | null {
  const last = lanes.at(-1)?.branch
  return located.find(({ worktree }) => worktree?.branch === last)?.worktree?.path ?? null
}

function isGreen({ results }: CombinedResult): boolean {
  return results.every(({ exitCode }) => exitCode === 0)
}

function endOf(
  end: Exclude<ReturnType<typeof nextProbe>, { kind: 'check' }>,
  answers: readonly (Answer & { readonly result: CombinedResult })[],
  progress: FinishProgress,
): Checked {
  const red = answers.filter(({ green }) => !green).toSorted((a, b) => a.lanes.length - b.lanes.length)
  const log = red[0]?.result.results.find(({ exitCode }) => exitCode !== 0)?.log ?? null
  const [first] = answers
  if (end.kind === 'green' && first) return { kind: 'green', result: first.result, progress }
  if (end.kind === 'guilty') {
    const result = red.find(({ lanes }) => lanes.includes(end.lane))?.result
    if (result) return { ...end, result }
  }
  return { kind: end.kind === 'target-red' ? 'target-red' : 'unclear', log }
}

function report(run: RunContext, together: Together, set: LaneSet, result: CombinedResult, isNew: boolean): void {
  const failed = result.results.find(({ exitCode }) => exitCode !== 0)
  const lanes = set.flatMap(lane => together.lanes[lane]?.branch ?? [])
  const at = { type: 'combined-check', lanes, target: together.targetBranch } as const
  if (!failed) {
    run.ports.report({ ...at, state: 'passed', tree: result.tree, again: !isNew })
    return
  }
  const { command, exitCode, log, stopped } = failed
  const why = stopped === undefined ? {} : { stopped }
  run.ports.report({ ...at, state: 'failed', tree: result.tree, again: !isNew, command, exitCode, ...why, log })
}
