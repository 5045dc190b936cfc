import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { isExecutable } from '../../files/is-executable.ts'
import type { Agent } from '../../run/attempts/agent.ts'

/**
 * Absolute path of the agent's program, or null. A name with a slash is not searched for: it is relative to our own
 * working directory, not to the lane worktree in which the agent starts. Relative entries of PATH are ignored, because
 * they would name a file in that worktree.
 */
export function findBinary(agent: Pick<Agent, 'binaries'>, pathVariable: string): string | null {
  const folders = pathVariable.split(delimiter).filter(isAbsolute)
  for (const name of agent.binaries) {
    const candidates = name.includes('/') ? [resolve(name)] : folders.map(folder => join(folder, name))
    const found = candidates.find(isExecutable)
    if (found) return found
  }
  return null
}
