import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { WpId } from '../../core/ids.ts'
import type { GraphNode } from '../../core/mission/graph.ts'
import { shellWord } from '../../core/text.ts'
import type { WpRecord } from '../../core/work-package/work-package.ts'
import type { AttemptAtTheTime } from '../events/coverage-event.ts'
import { metaBeside } from '../mission/mission-fields.ts'
import type { RunContext } from '../run-context.ts'

/**
 * Reports an acceptance or a merge of the mission during the run. The run itself asks for both only at its end. No read
 * of the host shows them: it writes an acceptance into the mission's `meta.json`, and removes the lane branches after a
 * merge.
 */
export interface HostActs {
  /** `wpFile`: a WP file that the host has named, or null. */
  look(nodes: readonly GraphNode[], wpFile: string | null): Promise<void>
}

export async function watchHostActs(run: RunContext): Promise<HostActs> {
  const { clock, commits, report } = run.ports
  const began = clock.now()
  const known = new Set((await goneLanes(run)).map(({ branch }) => branch))
  const over = new Set<string>()
  const noted = new Map<WpId, WpRecord>()
  let accepted: string | null = null

  const nameOf = ({ wpId, attempt }: AttemptAtTheTime) => `${wpId} ${attempt}`
  const noteEnds = () => {
    for (const record of run.ports.store.records()) {
      if (noted.get(record.wpId) === record) continue
      noted.set(record.wpId, record)
      for (const attempt of attemptsIn(record)) if (attempt.ended) over.add(nameOf(attempt))
    }
  }
  /** Attempts that ran since the last look. It is not known whether one of them did it. */
  const ran = () =>
    run.ports.store
      .records()
      .flatMap(attemptsIn)
      .flatMap(({ ended: _, ...attempt }) => (over.has(nameOf(attempt)) ? [] : [attempt]))

  const lookAtAcceptance = async (file: string): Promise<void> => {
    const at = acceptedAt(await metaBeside(run.ports, file))
    if (at === null || at === accepted || !(Date.parse(at) >= began)) return
    accepted = at
    report({ type: 'accepted-by-others', ran: ran(), ...(await howTakenBack(run, file)) })
  }

  /** After a merge the target has the content of the lanes. For a WP without an ended attempt, the host calls it done. */
  const lookAtLanes = async (isDone: (wpId: WpId) => boolean): Promise<void> => {
    const gone = (await goneLanes(run)).filter(({ branch }) => !known.has(branch))
    const arrived = await Promise.all(
      gone.map(({ wpId, head }) => (head === null ? isDone(wpId) : commits.isAncestor(head, 'HEAD'))),
    )
    const branches = new Set(gone.filter((_, index) => arrived[index]).map(({ branch }) => branch))
    for (const branch of branches) known.add(branch)
    const next = [{ command: 'git log', why: 'shows what came onto the target' }]
    if (branches.size > 0) report({ type: 'lanes-merged-by-others', branches: [...branches], ran: ran(), next })
  }

  noteEnds()
  return {
    look: async (nodes, wpFile) => {
      if (wpFile !== null) await lookAtAcceptance(wpFile)
      await lookAtLanes(wpId => nodes.some(node => node.wpId === wpId && node.lane === 'done'))
      noteEnds()
    },
  }
}

/** Null when the file has other uncommitted changes, which the command would drop. */
async function howTakenBack({ ports }: RunContext, wpFile: string) {
  const file = join(dirname(dirname(wpFile)), 'meta.json')
  const committed = parsed(await ports.commits.committed(file))
  const now = await metaBeside(ports, wpFile)
  const isAllOfIt = isDeepStrictEqual(withoutAcceptance(committed), withoutAcceptance(now))
  const takeBack = `git -C ${shellWord(dirname(file))} checkout HEAD -- meta.json`
  return { file, next: isAllOfIt ? [{ command: takeBack, why: "takes the host's record of it back" }] : [] }
}

/** Measured (3.2.7): the fields that the host writes when it accepts. */
const acceptanceFields = [
  'accepted_at',
  'accepted_by',
  'acceptance_mode',
  'accepted_from_commit',
  'accept_commit',
  'acceptance_history',
]

function withoutAcceptance(meta: unknown): unknown {
  if (typeof meta !== 'object' || meta === null) return meta
  return Object.fromEntries(Object.entries(meta).filter(([name]) => !acceptanceFields.includes(name)))
}

function parsed(json: string | null): unknown {
  try {
    return json === null ? null : JSON.parse(json)
  } catch {
    return null
  }
}

/** Measured (3.2.7). */
function acceptedAt(meta: unknown): string | null {
  const at = typeof meta === 'object' && meta !== null && 'accepted_at' in meta ? meta.accepted_at : null
  return typeof at === 'string' ? at : null
}

/** Missing lane branches, with the last commit that an attempt left on them. */
async function goneLanes({ ports }: RunContext) {
  const lanes = ports.store.records().flatMap(({ wpId, laneBranch: branch, attempts }) => {
    const head = attempts.findLast(({ headCommit }) => headCommit !== null)?.headCommit ?? null
    return branch === null ? [] : [{ wpId, branch, head }]
  })
  const branches = [...new Set(lanes.map(({ branch }) => branch))]
  const heads = await ports.commits.resolveAll(branches.map(branch => `refs/heads/${branch}`))
  const there = new Set(heads.ok ? branches.filter((_, index) => heads.data[index] !== null) : [])
  return lanes.filter(({ branch }) => !there.has(branch))
}

interface Ran extends AttemptAtTheTime {
  readonly ended: boolean
}

function attemptsIn({ wpId, attempts }: WpRecord): readonly Ran[] {
  return attempts.map(({ role, agent, number, endedAt }) => ({
    wpId,
    role,
    agent,
    attempt: number,
    ended: endedAt !== null,
  }))
}
