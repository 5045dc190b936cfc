import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type FakeState, fakeStateSchema, parseJournal } from '../../cli/support/fake-state.ts'
import { processesWithMarker } from '../../cli/support/leaks.ts'
import { linesOf } from '../../cli/support/scenario.ts'
import type { CrashMission } from './crash-mission.ts'

/** Where a mission stands at its end, and how it came there. */
export interface Outcome {
  readonly lanes: Readonly<Record<string, string>>
  /** Of each WP as the host recorded them. */
  readonly moves: Readonly<Record<string, readonly string[]>>
  /** How often the host accepted and merged. */
  readonly acceptances: number
  readonly merges: number
  /** Agents that were started. */
  readonly attempts: number
}

const written = z.object({ path: z.string(), line: z.string() })

export function outcomeOf(mission: CrashMission): Outcome {
  const state = stateOf(mission)
  const ids = Object.keys(state.wps)
  const movesOf = (id: string) =>
    state.events.flatMap(({ wp_id, from_lane, to_lane }) =>
      wp_id === id && to_lane ? [`${from_lane} -> ${to_lane}`] : [],
    )
  const host = (name: string) => textOf(join(mission.folder, 'host', name))
  const calls = parseJournal(host('started.ndjson'), host('journal.ndjson'))
  return {
    lanes: Object.fromEntries(ids.map(id => [id, state.wps[id]?.lane ?? ''])),
    moves: Object.fromEntries(ids.map(id => [id, movesOf(id)])),
    acceptances: state.acceptances.length,
    merges: calls.filter(({ command, exit }) => command === 'merge-mission' && exit === 0).length,
    attempts: linesOf(join(mission.folder, 'agents.ndjson')).length,
  }
}

/** What is wrong, in words. Attempts are for the caller to judge. */
export async function differences(mission: CrashMission, undisturbed: Outcome): Promise<readonly string[]> {
  const { lanes, moves, acceptances, merges } = outcomeOf(mission)
  const problems: string[] = []
  for (const id of Object.keys(undisturbed.lanes)) {
    if (lanes[id] !== undisturbed.lanes[id]) problems.push(`${id} ends ${lanes[id]}, not ${undisturbed.lanes[id]}`)
    const [own, wanted] = [moves[id]?.join(', '), undisturbed.moves[id]?.join(', ')]
    if (own !== wanted) problems.push(`${id} went ${own}`)
  }
  if (merges !== undisturbed.merges) problems.push(`merged ${merges} times`)
  if (acceptances !== undisturbed.acceptances) problems.push(`accepted ${acceptances} times`)
  return [...problems, ...lostWork(mission), ...(await survivors(mission))]
}

/** Every line that an agent wrote must be in the merged tree. */
function lostWork({ folder, repo }: CrashMission): readonly string[] {
  return linesOf(join(folder, 'writes.ndjson'))
    .map(text => written.parse(JSON.parse(text)))
    .filter(({ path, line }) => !textOf(join(repo, path)).split('\n').includes(line))
    .map(({ path, line }) => `lost from ${path}: ${line}`)
}

/** A killed process takes a moment to go. */
async function survivors({ repo }: CrashMission): Promise<readonly string[]> {
  const deadline = Date.now() + 3_000
  let left = processesWithMarker('SKO_REPO', repo)
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(50)
    left = processesWithMarker('SKO_REPO', repo)
  }
  return left.map(({ command }) => `still running: ${command}`)
}

function stateOf({ folder }: CrashMission): FakeState {
  return fakeStateSchema.parse(JSON.parse(textOf(join(folder, 'host', 'state.json'))))
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
