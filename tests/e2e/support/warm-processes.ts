import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { processesWithMarker } from '../../cli/support/leaks.ts'

/** The processes of a warm host: bin/warm-host.py and bin/warm-drivers say what each is for. */
export interface WarmProcesses {
  readonly helpers: readonly number[]
  readonly calls: readonly number[]
  /** Each beside a call that may merge. */
  readonly servers: readonly number[]
  readonly drivers: readonly number[]
}

export function warmProcesses(repo: string): WarmProcesses {
  const all = processesWithMarker('SKO_REPO', repo)
    .filter(({ command }) => command.includes('warm-host.py'))
    .map(({ pid }) => ({ pid, parent: parentOf(pid) }))
  const childrenOf = (parents: readonly number[]) =>
    all.filter(({ parent }) => parents.includes(parent)).map(({ pid }) => pid)
  const pids = all.map(({ pid }) => pid)
  const helpers = all.filter(({ parent }) => !pids.includes(parent)).map(({ pid }) => pid)
  const calls = childrenOf(helpers)
  const servers = childrenOf(calls)
  return { helpers, calls, servers, drivers: childrenOf(servers) }
}

/** 0: it is gone. */
export function parentOf(pid: number): number {
  try {
    return Number(/\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}

/** How many host calls of the only run here have ended. */
export function endedCalls(repo: string): number {
  const logs = join(repo, '.kittify', 'logs')
  try {
    const [run = ''] = readdirSync(logs)
    const lines = readFileSync(join(logs, run, 'orchestrator.log'), 'utf8').split('\n')
    return lines.filter(line => line.includes('"host call"')).length
  } catch {
    return 0
  }
}
