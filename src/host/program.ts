import { resolve } from 'node:path'

/** `host.command` for whoever starts elsewhere: a path is relative to the main checkout, a name is looked for on PATH. */
export function hostProgram(command: string, repoRoot: string): string {
  return command.includes('/') ? resolve(repoRoot, command) : command
}
