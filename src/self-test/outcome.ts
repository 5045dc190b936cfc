import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { ScratchPlace } from './place.ts'

/** The repository after the scenario, as seen without any settings. */
export interface Outcome {
  /** Everything reachable from each ref, with content, as text without dates. */
  readonly refs: Readonly<Record<string, string>>
  readonly checkouts: Readonly<Record<string, Checkout>>
}

interface Checkout {
  readonly head: string
  readonly index: string
  /** Mode and content of every file, including ignored ones. */
  readonly files: Readonly<Record<string, string>>
}

export async function readOutcome({ root, lane, halfMade, git }: ScratchPlace): Promise<Outcome> {
  const names = (await git(root, ['for-each-ref', '--format=%(refname)'])).split('\n').filter(Boolean)
  const exported = names.map(async name => [name, await contentOf(root, name, git)] as const)
  const folders = { root, lane, halfMade }
  const checkouts = Object.entries(folders).filter(([, folder]) => existsSync(folder))
  return {
    refs: Object.fromEntries(await Promise.all(exported)),
    checkouts: Object.fromEntries(
      await Promise.all(checkouts.map(async ([name, folder]) => [name, await checkoutAt(folder, git)] as const)),
    ),
  }
}

/** One ref at a time: with several, the order depends on the clock. */
async function contentOf(root: string, ref: string, git: ScratchPlace['git']): Promise<string> {
  const flags = ['--signed-tags=strip', '--reencode=no', '--show-original-ids']
  const text = await git(root, ['fast-export', ...flags, ref])
  return text.replace(/^((?:author|committer|tagger) .*>) \d+ [+-]\d{4}$/gm, '$1')
}

async function checkoutAt(folder: string, git: ScratchPlace['git']): Promise<Checkout> {
  const branch = await git(folder, ['symbolic-ref', '--quiet', 'HEAD']).catch(() => 'detached')
  return {
    head: `${branch.trim()} ${(await git(folder, ['rev-parse', 'HEAD'])).trim()}`,
    index: await git(folder, ['ls-files', '--stage', '-v', '-z']),
    files: Object.fromEntries(filesBelow(folder, '')),
  }
}

function filesBelow(folder: string, prefix: string): readonly (readonly [string, string])[] {
  return readdirSync(folder)
    .toSorted()
    .filter(name => name !== '.git' && name !== '.worktrees')
    .flatMap(name => {
      const path = join(folder, name)
      const stats = lstatSync(path)
      if (stats.isDirectory()) return filesBelow(path, `${prefix}${name}/`)
      const content = stats.isSymbolicLink() ? readlinkSync(path) : readFileSync(path)
      const digest = createHash('sha256').update(content).digest('base64url')
      return [[`${prefix}${name}`, `${(stats.mode & 0o170111).toString(8)} ${digest}`] as const]
    })
}
