import { createHash } from 'node:crypto'
import { createReadStream, readlinkSync } from 'node:fs'
import { oneLine } from '../../core/text.ts'
import { causeIn, git } from '../git.ts'
import { GitError } from '../git-error.ts'
import { look, onDisk } from '../worktree/on-disk.ts'

/** Stores files and links byte for byte, without filters. null: one of them was removed meanwhile. */
export async function storeFiles(
  worktree: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string> | null> {
  const stored = new Map<string, string>()
  const isLink = (path: string) => look(worktree, path)?.isSymbolicLink() === true
  for (const path of paths.filter(isLink)) {
    const oids = await hashObjects(worktree, ['--stdin'], readlinkSync(onDisk(worktree, path), { encoding: 'buffer' }))
    stored.set(path, oids[0] ?? '')
  }
  const files = paths.filter(path => !stored.has(path))
  if (files.length === 0) return stored
  const names = Buffer.from(files.map(path => `${quoted(path)}\n`).join(''))
  try {
    const oids = await hashObjects(worktree, ['--no-filters', '--stdin-paths'], names)
    for (const [n, path] of files.entries()) stored.set(path, oids[n] ?? '')
    return stored
  } catch (error) {
    if (error instanceof GitError && files.some(path => look(worktree, path) === undefined)) return null
    throw error
  }
}

async function hashObjects(worktree: string, args: readonly string[], stdin: Uint8Array): Promise<readonly string[]> {
  const result = await git(worktree, ['hash-object', '-w', ...args], { stdin })
  if (!result.ok) throw new GitError(`git hash-object in ${worktree}: ${oneLine(causeIn(result.stderr))}`)
  return result.stdout.trim().split('\n')
}

/** A name as git reads it from a line: bytes that would end or break the line are octal escapes. */
function quoted(path: string): string {
  const escaped = [...path].map(byte => {
    const code = byte.charCodeAt(0)
    return code < 0x20 || code > 0x7e || byte === '"' || byte === '\\' ? `\\${code.toString(8).padStart(3, '0')}` : byte
  })
  return `"${escaped.join('')}"`
}

/** The object id of the bytes on disk, computed without git so that it can check git's work. */
export async function hashOnDisk(worktree: string, path: string, mode: string, oidLength: number): Promise<string> {
  const hash = createHash(oidLength === 64 ? 'sha256' : 'sha1')
  const place = onDisk(worktree, path)
  if (mode === '120000') {
    const target = readlinkSync(place, { encoding: 'buffer' })
    return hash.update(`blob ${target.length}\0`).update(target).digest('hex')
  }
  hash.update(`blob ${look(worktree, path)?.size ?? 0}\0`)
  for await (const chunk of createReadStream(place)) hash.update(chunk)
  return hash.digest('hex')
}
