import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Without what differs between two calls of one program. */
export function same(text: string, repo: string): string {
  return text
    .replaceAll(repo, 'REPO')
    .replaceAll(/corr-[0-9a-f]{32}/g, 'CORRELATION')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, 'ULID')
    .replaceAll(/\b[0-9a-f]{7,40}\b/g, 'HEX')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)/g, 'TIME')
}

/** Every file but those of git, with what is the same in both. */
export function contentOf(repo: string): Readonly<Record<string, string>> {
  const files = readdirSync(repo, { recursive: true, encoding: 'utf8' })
    .map(name => join(repo, name))
    .filter(path => !/\/\.git(?:\/|$)/.test(path) && statSync(path).isFile())
  return Object.fromEntries(files.map(path => [relative(repo, path), same(readFileSync(path, 'utf8'), repo)]))
}

/** Each commit with its refs and the subjects of its parents. Their order depends on the second they were made in. */
export function commitsOf(repo: string): readonly string[] {
  const log = execFileSync('git', ['log', '--all', '--format=%H%x00%P%x00%s%x00%D'], { cwd: repo, encoding: 'utf8' })
  const commits = log
    .trimEnd()
    .split('\n')
    .map(line => line.split('\0'))
  const subjects = new Map(commits.map(([hash = '', , subject = '']) => [hash, subject]))
  const parentsOf = (hashes: string) => hashes.split(' ').map(hash => subjects.get(hash))
  return commits
    .map(([, parents = '', subject, refs]) => same(`${subject} (${refs}) after ${parentsOf(parents).join(', ')}`, repo))
    .toSorted()
}
