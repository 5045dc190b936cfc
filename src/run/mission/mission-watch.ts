import type { WpId } from '../../core/ids.ts'
import { changesIn, graphChange, graphKey, isSameGraph } from '../../core/mission/graph.ts'
import { satisfiesDependents } from '../../core/mission/lane.ts'
import { startsFromMission } from '../../core/mission/topology.ts'
import { believedAfter, hasLasted, type Trouble, troubleAfter } from '../../core/mission/trouble.ts'
import { type NextCommand, resume } from '../../core/next-command.ts'
import { shellWord } from '../../core/text.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { orNull } from '../git/git-outcome.ts'
import type { RunContext } from '../run-context.ts'
import { type Looked, lookedFrom, type Mission } from './look.ts'

/**
 * The looks of a run at its mission. After an odd answer the last valid one is used, and the host is asked again. Odd
 * answers end the run only when they last and nothing else is left to do.
 */
export interface MissionWatch {
  /** Reads the mission once. null for an odd answer, which must not be used. `baseRefs`: of the known lane worktrees. */
  look(baseRefs: readonly string[]): Promise<Mission | null>
  /** Why nothing may start, and when the host is asked again; null when the last look was valid. */
  trouble(): Trouble | null
  /** The error that ends the run when odd answers have lasted too long; null before that. */
  lasting(): OrchestratorError | null
  /**
   * When to look again for unfinished WPs that are missing, although nothing else is left to do; null when none is missing
   * or it has lasted too long. Their files may come back, which a run that has ended would not see.
   */
  awaited(): number | null
}

export function createMissionWatch(run: RunContext, first: Mission): MissionWatch {
  let believed = first
  let trouble: Trouble | undefined
  let error: OrchestratorError | null = null
  let changed: Trouble | undefined
  let gone: Trouble | undefined
  const missing = new Set<WpId>()

  const noteMissing = (mission: Mission): void => {
    const there = new Set(mission.nodes.map(({ wpId }) => wpId))
    const before = new Set(missing)
    for (const { wpId, lane } of believed.nodes) if (!there.has(wpId) && !satisfiesDependents(lane)) missing.add(wpId)
    for (const wpId of there) missing.delete(wpId)
    const wpIds = [...missing].filter(wpId => !before.has(wpId))
    const patienceSeconds = run.config.host.patience_seconds
    if (wpIds.length > 0) run.ports.report({ type: 'wps-gone', wpIds, patienceSeconds })
    const names = [...missing].join(', ')
    const same = gone?.what === names ? gone : undefined
    gone = names === '' ? undefined : troubleAfter(same, names, '', run.ports.clock.now())
  }

  const meet = (met: OrchestratorError, tookMs: number): null => {
    trouble = troubleAfter(trouble, 'look', met.message, run.ports.clock.now(), tookMs)
    if (error?.message !== met.message) {
      run.ports.report({ type: 'mission-unclear', reason: met.message, hint: met.hint, next: met.next })
    }
    error = met
    return null
  }

  const believe = (mission: Mission): Mission => {
    if (changed) run.ports.report({ type: 'mission-changed', ...graphChange(believed.nodes, mission.nodes) })
    if (trouble) run.ports.report({ type: 'mission-clear' })
    noteMissing(mission)
    believed = mission
    trouble = undefined
    error = null
    changed = undefined
    return mission
  }

  return {
    look: async baseRefs => {
      const { answer, tookMs } = await ask(run)
      const looked =
        (await onOtherBranch(run, baseRefs)) ?? asInRun(await lookedFrom(run.ports.host, run.mission, answer), run)
      if (looked.kind === 'odd') {
        changed = undefined
        return meet(looked.error, tookMs)
      }
      const { mission } = looked
      const isSame = isSameGraph(mission.nodes, believed.nodes)
      changed = isSame ? undefined : troubleAfter(changed, graphKey(mission.nodes), '', run.ports.clock.now())
      return changed && changed.times < believedAfter ? meet(changing(believed, mission), tookMs) : believe(mission)
    },
    trouble: () => trouble ?? null,
    awaited: () => (!trouble && gone && !hasLasted(gone, run.config.host.patience_seconds) ? gone.askAgainAt : null),
    lasting: () => (trouble && error && hasLasted(trouble, run.config.host.patience_seconds) ? endOf(error) : null),
  }
}

async function ask({ mission, ports: { clock, host } }: RunContext) {
  const began = clock.elapsed()
  const answer = await host.missionState({ mission })
  return { answer, tookMs: clock.elapsed() - began }
}

/** Measured: on a branch without the planning commits every WP is gone, and the host answers that with success. */
function asInRun(looked: Looked, run: RunContext): Looked {
  if (looked.kind === 'odd') return looked
  const { slug, nodes } = looked.mission
  const hint = `make sure that kitty-specs/${run.mission} is in the main checkout, on the branch on which the mission was planned`
  if (slug !== run.mission) return odd(`the host answers with mission ${JSON.stringify(slug)}`, hint)
  return nodes.length === 0 ? odd('the host no longer lists any work packages', hint) : looked
}

/** In lanes and legacy topology the host keeps the lanes on the target branch, in the main checkout (measured). */
async function onOtherBranch(run: RunContext, baseRefs: readonly string[]): Promise<Looked | null> {
  const target = baseRefs.find(ref => !startsFromMission(ref))
  if (target === undefined) return null
  const branch = await run.ports.mainCheckout.branch()
  if (branch === target) return null
  const where = branch === null ? 'on no branch' : `on branch ${branch}`
  const asked = run.ports.mainCheckout.switchCommand(target)
  const command = (await orNull(asked)) ?? `git checkout ${shellWord(target)}`
  const next = [{ command, why: `checks ${target} out in the main checkout` }]
  return odd(`the main checkout is ${where}, and the host keeps the lanes on ${target}`, '', next)
}

function odd(message: string, hint: string, next: readonly NextCommand[] = []): Looked {
  return {
    kind: 'odd',
    error: new OrchestratorError({ code: 'mission-unclear', exitCode: exitCodes.host, message, hint, next }),
  }
}

function changing(before: Mission, now: Mission): OrchestratorError {
  return new OrchestratorError({
    code: 'mission-changing',
    exitCode: exitCodes.host,
    message: `the work packages of the mission are changing (${changesIn(graphChange(before.nodes, now.nodes))})`,
    hint: 'nothing starts until it stays the same for half a minute',
  })
}

/** The run has worked, so a usage exit code would be wrong. */
function endOf({ code, exitCode, message, hint, next }: OrchestratorError): OrchestratorError {
  const end: ExitCode = exitCode === exitCodes.usage ? exitCodes.needsPerson : exitCode
  return new OrchestratorError({
    code,
    exitCode: end,
    message,
    hint,
    next: [...next, { command: resume, why: 'continues the run once the mission can be read' }],
  })
}
