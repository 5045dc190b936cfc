import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import type { CellWorld } from '../world.ts'

/** I1: every line that anyone wrote is in a commit that a branch or a ref of ours holds, or in a file. */
export async function lostBytes(world: CellWorld): Promise<readonly string[]> {
  const kept = [await committed(world.repo), ...filesBelow(world.folder).map(read)].join('\n')
  return world
    .written()
    .flatMap(({ by, line, file }) => (kept.includes(line) ? [] : [`I1: lost: "${line}" in ${file}, by ${by}`]))
}

/** Whole text of everything that can be reached, stashes left out: they are shared, and anyone may drop them. */
async function committed(repo: string): Promise<string> {
  const list = 'git rev-list --objects --exclude=refs/stash --all | cut -d" " -f1 | git cat-file --batch --buffer'
  return (await execa('sh', ['-c', list], { cwd: repo, encoding: 'latin1', env: plain })).stdout
}

const plain = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }

/** The notes of the acts themselves, and git's folders, are no place where bytes are kept. */
const notes = /^(?:written|agent-writes|agents\.ndjson|prompt-\d+|acts|person)$/

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => filesAt(folder, entry, notes))
}

function filesAt(folder: string, entry: import('node:fs').Dirent, left: RegExp): readonly string[] {
  const path = join(folder, entry.name)
  if (left.test(entry.name) || entry.name === '.git') return []
  // A log is no copy.
  if (path.endsWith('/.kittify/logs')) return []
  if (entry.isFile()) return [path]
  if (!entry.isDirectory()) return []
  return readdirSync(path, { withFileTypes: true }).flatMap(inner => filesAt(path, inner, /^$/))
}

function read(path: string): string {
  return readFileSync(path, 'latin1')
}
