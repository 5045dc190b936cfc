import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { isWpId } from '../../src/core/ids.ts'
import type { KeepAs } from '../../src/run/ports.ts'

export interface ScratchRepository {
  readonly root: string
  /** A linked worktree on branch `lane`, as the host makes them. */
  readonly lane: string
  git(cwd: string, ...args: readonly string[]): string
}

/** A repository with one commit on `work` and one lane worktree; removed when the test ends. */
export function scratchRepository(): ScratchRepository {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sko-git-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const root = join(folder, 'repo')
  const git = (cwd: string, ...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.invalid', ...args], {
      cwd,
      encoding: 'utf8',
      // No identity, hooks or settings of this machine.
      env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  git(folder, 'init', '--quiet', '--initial-branch', 'work', root)
  writeFileSync(join(root, 'base.txt'), 'base\n')
  writeFileSync(join(root, '.gitignore'), '*.log\n.worktrees/\n')
  git(root, 'add', '--all')
  git(root, 'commit', '--quiet', '--message', 'Base')
  const lane = join(root, '.worktrees', 'lane-a')
  git(root, 'worktree', 'add', '--quiet', '-b', 'lane', lane)
  return { root, lane, git }
}

/** The arguments of `restore`, for a test that only cares where the patch goes. */
export function keepAs(patchFile: string): KeepAs {
  const wpId = 'WP01'
  if (!isWpId(wpId)) throw new Error(wpId)
  return { wpId, why: 'of a test', reason: 'test', patchFile }
}

/** What a person, an agent or a tool has made of the repository. */
export type World = (made: ScratchRepository) => void

export const config =
  (...settings: readonly (readonly [string, string])[]): World =>
  ({ root, git }) => {
    for (const [key, value] of settings) git(root, 'config', key, value)
  }

export const attributes =
  (text: string): World =>
  ({ root }) => {
    mkdirSync(join(root, '.git/info'), { recursive: true })
    writeFileSync(join(root, '.git/info/attributes'), text)
  }

export const both =
  (...worlds: readonly World[]): World =>
  made => {
    for (const world of worlds) world(made)
  }
