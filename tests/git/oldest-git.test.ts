import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { keepAs, type ScratchRepository, scratchRepository } from './scratch-repository.ts'
import { createWorkspace } from './throwing.ts'

/** README promises git 2.31. Options that came later, from the release notes: the command, the option, the version. */
const newer: readonly (readonly [command: string, option: string, since: string])[] = [
  ['add', '--sparse', '2.34'],
  ['cat-file', '--batch-command', '2.36'],
  ['cat-file', '-Z', '2.42'],
  ['commit', '--trailer', '2.32'],
  ['config', 'get', '2.46'],
  ['diff-tree', '--merge-base', '2.45'],
  ['fetch', '--porcelain', '2.41'],
  ['for-each-ref', '--exclude', '2.42'],
  ['for-each-ref', '--include-root-refs', '2.45'],
  ['ls-files', '--format', '2.38'],
  ['ls-files', '--sparse', '2.35'],
  ['ls-tree', '--format', '2.36'],
  ['ls-tree', '--object-only', '2.36'],
  ['merge-tree', '--write-tree', '2.38'],
  ['rev-list', '--exclude-hidden', '2.39'],
  ['rev-parse', '--show-ref-format', '2.44'],
  ['show-ref', '--exists', '2.43'],
  ['stash', '--staged', '2.35'],
  ['update-index', '--show-index-version', '2.43'],
  ['worktree list', '-z', '2.36'],
]

/** A git that knows none of them, and says so as git does. */
function oldGit({ root }: ScratchRepository): { readonly refused: string } {
  const bin = join(root, '..', 'bin')
  const refused = join(root, '..', 'refused')
  const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  const cases = newer.map(
    ([command, option]) =>
      `case "$all " in " ${command} "*" ${option} "*|" ${command} "*" ${option}="*) echo "${command} ${option}" >> '${refused}'; echo "error: unknown option \\\`${option}'" >&2; exit 129;; esac`,
  )
  mkdirSync(bin)
  writeFileSync(join(bin, 'git'), `#!/bin/sh\nall=" $*"\n${cases.join('\n')}\nexec '${real}' "$@"\n`, { mode: 0o755 })
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  return { refused }
}

describe('the oldest git that is promised', () => {
  it('can do all that is asked of it in a lane worktree', async () => {
    const made = scratchRepository()
    const { root, lane, git } = made
    const base = git(lane, 'rev-parse', 'HEAD')
    const { refused } = oldGit(made)
    const workspace = createWorkspace(root, 'run-1')
    writeFileSync(join(lane, 'new.txt'), 'new\n')
    git(lane, 'init', '--quiet', 'vendor')
    git(join(lane, 'vendor'), 'commit', '--quiet', '--allow-empty', '--message', 'Inner')
    const head = await workspace.commitAll(lane, 'WP01')
    expect(await workspace.danglingLinks(lane, base, head)).toHaveLength(1)
    expect(await workspace.hiddenFiles(lane)).toEqual([])
    expect(await workspace.history(lane, base)).toHaveLength(2)
    expect(await workspace.commitsSince(lane, base)).toHaveLength(1)
    expect(await workspace.ownCommitsSince(lane, [base])).toBe(1)
    expect(await workspace.mergeBase(lane, 'work')).toBe(base)
    expect(await workspace.isAncestor(lane, base, head)).toBe(true)
    expect((await workspace.changes(lane, base, head)).map(({ path }) => path)).toEqual(['new.txt', 'vendor'])
    expect(await workspace.diffStat(lane, base, head)).toContain('new.txt')
    expect((await workspace.diff(lane, base, head, 1000)).text).toContain('+new')
    expect(await workspace.log(lane, base, head)).toContain('WP01')
    writeFileSync(join(lane, 'base.txt'), 'changed\n')
    git(lane, 'checkout', '--quiet', '--detach')
    const kept = await workspace.restore(lane, { head, branch: 'lane' }, keepAs(join(root, '..', 'p.patch')))
    expect(kept.patch).not.toBeNull()
    expect(await workspace.inspect(lane)).toEqual({ kind: 'ready', head, dirty: false, branch: 'lane' })
    git(lane, 'checkout', '--quiet', '--detach')
    expect(await workspace.returnToBranch(lane, 'lane')).toBe(true)
    expect(existsSync(refused) ? readFileSync(refused, 'utf8') : '').toBe('')
  })

  it('tells a worktree that a killed claim left half-made', async () => {
    const made = scratchRepository()
    const { root, lane, git } = made
    writeFileSync(join(root, 'plan.txt'), 'plan\n')
    git(root, 'add', '--all')
    git(root, 'commit', '--quiet', '--message', 'Plan')
    writeFileSync(join(lane, 'plan.txt'), 'plan\n')
    oldGit(made)
    expect(await createWorkspace(root).removeHalfMade(lane, 'work')).toBe(true)
  })

  it('is asked for nothing newer, but where the answer may be missing', () => {
    const folder = join(import.meta.dirname, '../../src/git')
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
    const found = names.flatMap(name => {
      const code = readFileSync(join(folder, name), 'utf8')
      const calls = [...code.matchAll(/\['([a-z-]+)',([^\]]*)\]/g)]
      return calls.flatMap(([, command, rest = '']) =>
        newer
          .filter(([of, option]) => of === command && new RegExp(`'${option}['=]`).test(rest))
          .map(([of, option, since]) => `${name}: git ${of} ${option} came with ${since}`),
      )
    })
    // An older git answers it with its usage; then the merge is computed file by file.
    expect(found).toEqual(['history/merge-in-memory.ts: git merge-tree --write-tree came with 2.38'])
  })
})
