import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { NextCommand } from '../core/next-command.ts'
import { gitTrouble } from '../core/repository/git-trouble.ts'
import { shellWord } from '../core/text.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { git } from './git.ts'
import { gitFolders } from './git-folders.ts'

/** Refuses to start if git could not merge the lanes at the end of the mission, hours later. */
export async function refuseUnmergeable(root: string): Promise<void> {
  refuseShallow(root)
  await refuseUnknownStyle(root)
}

/**
 * The host merges the planning commit into each lane. Where history is cut off before it, every claim reports a merge
 * conflict (measured). Reviews also rely on history to know what they cover.
 */
function refuseShallow(root: string): void {
  if (!existsSync(join(gitFolders(root).common, 'shallow'))) return
  throw new OrchestratorError({
    code: 'shallow-clone',
    exitCode: exitCodes.usage,
    message: `${root} is a shallow clone: the host cannot merge the planning commit into the lanes`,
    next: [{ command: `git -C ${shellWord(root)} fetch --unshallow`, why: 'fetches the rest of the history' }],
  })
}

/** git reads `merge.conflictStyle` only when it merges, and fails on a style that it does not know: `zdiff3` before 2.35. */
async function refuseUnknownStyle(root: string): Promise<void> {
  const nothing = '/dev/null'
  const merged = await git(root, ['merge-file', '-p', '--quiet', nothing, nothing, nothing])
  const trouble = merged.ok ? null : gitTrouble(merged.stderr)
  if (!trouble?.cause.startsWith('unknown style')) return
  const files = await filesThatSet(root, 'merge.conflictStyle')
  throw new OrchestratorError({
    code: 'unknown-conflict-style',
    exitCode: exitCodes.usage,
    message: `git cannot merge in ${root}: ${trouble.cause}`,
    ...(files.length === 0 ? { hint: trouble.cure } : { next: [conflictStyleIn(files)] }),
  })
}

function conflictStyleIn(files: readonly string[]): NextCommand {
  const commands = files.map(file => `git config --file ${shellWord(file)} merge.conflictStyle merge`)
  return { command: commands.join(' && '), why: 'sets a style that this git knows' }
}

async function filesThatSet(root: string, key: string): Promise<readonly string[]> {
  const found = await git(root, ['config', '--null', '--show-origin', '--get-all', key])
  const origins = found.stdout.split('\0').filter(origin => origin.startsWith('file:'))
  return [...new Set(origins.map(origin => resolve(root, origin.slice('file:'.length))))]
}
