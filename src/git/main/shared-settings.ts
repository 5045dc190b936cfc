import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { NextCommand } from '../../core/next-command.ts'
import type { FlippedSetting } from '../../core/repository/flipped-setting.ts'
import { quote, shellWord } from '../../core/text.ts'
import { git } from '../git.ts'
import { gitFolders } from '../git-folders.ts'

/**
 * With `core.bare` git refuses to work in the main checkout; with `core.worktree` it works in another folder, while the
 * lane worktrees keep working. Tools that handle worktrees have been seen to set both. Signing, hooks and programs that
 * an agent configures for itself make the host's merge fail (measured). We never write the user's settings: each change
 * is reported with the command that undoes it. Sections that hold secrets, such as `http`, are not read, nor those that
 * git and the host write, such as `branch`, `merge` and `user`.
 */
const watched = '^(core|commit|gpg|diff|filter|tag|include|includeif)\\.'

export interface SharedSettings {
  /** The settings that differ from the first look, each once. Empty while the file has its first content. */
  flipped(): Promise<readonly FlippedSetting[]>
}

export async function createSharedSettings(root: string): Promise<SharedSettings> {
  const file = sharedFile(root)
  const before = await read(root, file)
  const said = new Map<string, string | null>()
  let stamp = stampOf(file)
  return {
    flipped: async () => {
      const now = stampOf(file)
      if (now === stamp) return []
      stamp = now
      const values = await read(root, file)
      return [...new Set([...before.keys(), ...values.keys()])].flatMap(key => {
        const [was, is] = [before.get(key) ?? null, values.get(key) ?? null]
        if (isSame(key, was, is) || (said.has(key) ? said.get(key) : was) === is) return []
        said.set(key, is)
        return { key, was, is, cure: cureOf(file, key, was) }
      })
    },
  }
}

/** For each setting that still differs: the command that restores it, and what was changed. */
export async function takeBack(root: string, flips: readonly FlippedSetting[]): Promise<readonly NextCommand[]> {
  // Without the checkout there is nothing to restore.
  if (flips.length === 0 || !existsSync(join(root, '.git'))) return []
  const values = await read(root, sharedFile(root))
  return flips.flatMap(({ key, was, cure }) => {
    const is = values.get(key) ?? null
    if (isSame(key, was, is)) return []
    const change = `from ${shown(was)} to ${shown(is)}`
    const why = `${quote(key)} was changed during the run, ${change}; git and the host may fail because of it`
    return { command: cure, why }
  })
}

function shown(value: string | null): string {
  return value === null ? 'not set' : quote(value, 100)
}

function sharedFile(root: string): string {
  return join(gitFolders(root).common, 'config')
}

/** Reads the file directly: a changed setting can prevent git from finding the repository. */
async function read(root: string, file: string): Promise<ReadonlyMap<string, string>> {
  const args = ['config', '--file', file, '--null', '--get-regexp', watched]
  const found = await git(root, args)
  const pairs = found.stdout.split('\0').filter(Boolean)
  return new Map(pairs.map(pair => [pair.split('\n')[0] ?? '', pair.split('\n').slice(1).join('\n')]))
}

/** git raises it when it enables an extension, and refuses the repository with a lower value. */
const raisedByGit = 'core.repositoryformatversion'

function isSame(key: string, was: string | null, is: string | null): boolean {
  if (key === raisedByGit) return true
  return was === is || (key === 'core.bare' && [was, is].every(value => value === null || value === 'false'))
}

function cureOf(file: string, key: string, was: string | null): string {
  const place = `git config --file ${shellWord(file)}`
  return was === null
    ? `${place} --unset-all ${shellWord(key)}`
    : `${place} --replace-all ${shellWord(key)} ${shellWord(was)}`
}

function stampOf(file: string): string {
  if (!existsSync(file)) return 'none'
  const { ino, mtimeMs, size } = statSync(file)
  return `${ino} ${mtimeMs} ${size}`
}
