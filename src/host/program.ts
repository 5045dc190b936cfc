import { resolve } from 'node:path'

/**
 * `host.command` for use from another folder: a path is relative to the main checkout, a name is searched for on PATH.
 */
export function hostProgram(command: string, repoRoot: string): string {
  return command.includes('/') ? resolve(repoRoot, command) : command
}
