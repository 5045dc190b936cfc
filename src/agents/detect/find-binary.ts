import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import type { Agent } from '../../run/attempts/agent.ts'

/**
 * Absolute path of the agent's program, or null. A name that contains a slash is not looked for but taken as it is,
 * relative to our own directory: the agent itself starts in a lane worktree. Relative entries of PATH are passed over,
 * because they would name a file of that worktree.
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

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
