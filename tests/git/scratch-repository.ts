import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import { isWpId } from '../../src/core/ids.ts'
import type { KeepAs } from '../../src/run/git/workspace.ts'
import { gitAtHome } from './template/git-at-home.ts'

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
  cpSync(inject('scratchRepository'), folder, { recursive: true, preserveTimestamps: true })
  const root = join(folder, 'repo')
  const lane = join(root, '.worktrees', 'lane-a')
  // The two paths that git stores.
  writeFileSync(join(root, '.git', 'worktrees', 'lane-a', 'gitdir'), `${lane}/.git\n`)
  writeFileSync(join(lane, '.git'), `gitdir: ${root}/.git/worktrees/lane-a\n`)
  return { root, lane, git: gitAtHome(folder) }
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
