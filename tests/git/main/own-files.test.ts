import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { excludeOwnFiles, untrackOwnFiles } from '../../../src/git/main/own-files.ts'
import { type ScratchRepository, scratchRepository } from '../scratch-repository.ts'

const ours = [
  '.kittify/logs/20261129-180000-abcdef/WP01/review-c1-a1.out.log',
  '.kittify/orchestrator-requests/1795974027000-00000000.json',
  '.kittify/orchestrator-run-state.json',
  '.kittify/orchestrator-run-state.json.bak',
  '.kittify/orchestrator.lock-0b0e',
  '.kittify/orchestrator.lock.1',
  '.kittify/orchestrator.lock.1.alive',
]
const theirs = ['.kittify/config.yaml', '.kittify/orchestrator.yaml', 'sub/.kittify/orchestrator.lock.1']

function withFiles(): ScratchRepository & { readonly exclude: string } {
  const made = scratchRepository()
  for (const file of [...ours, ...theirs]) {
    mkdirSync(dirname(join(made.root, file)), { recursive: true })
    writeFileSync(join(made.root, file), 'x\n')
  }
  rmSync(join(made.root, '.gitignore'))
  made.git(made.root, 'rm', '--quiet', '--cached', '.gitignore')
  return { ...made, exclude: join(made.root, '.git', 'info', 'exclude') }
}

function added({ root, git }: ScratchRepository): readonly string[] {
  git(root, 'add', '--all', '--', '.kittify', 'sub')
  return git(root, 'ls-files', '--', '.kittify', 'sub').split('\n')
}

describe('what sko writes into a project', () => {
  it('is not taken by git add --all, and the project keeps its own configuration', async () => {
    const made = withFiles()
    expect(excludeOwnFiles(made.root)).toBe(null)
    expect(added(made)).toEqual(theirs)
  })

  it.each([
    ['nothing', ''],
    ['a line without an end', '*.tmp'],
    ['lines of another system', '*.tmp\r\n/build/\r\n'],
    ['bytes of no encoding', Buffer.from([0x2a, 0xff, 0xfe, 0x0a])],
    ['a comment', '# mine\n\n'],
  ])('is put once behind what stands there: %s', async (_, before) => {
    const made = withFiles()
    writeFileSync(made.exclude, before)
    expect([excludeOwnFiles(made.root), await excludeOwnFiles(made.root)]).toEqual([null, null])
    const after = readFileSync(made.exclude)
    expect(after.subarray(0, before.length)).toEqual(Buffer.from(before))
    expect(after.toString('latin1').match(/^\/\.kittify\/logs\r?$/gm)).toHaveLength(1)
    if (String(before).includes('\r\n')) expect(after.toString('latin1')).not.toMatch(/[^\r]\n/)
    expect(added(made)).toEqual(theirs)
  })

  it('adds only the lines that are missing', async () => {
    const made = withFiles()
    writeFileSync(made.exclude, '/.kittify/logs\n')
    expect(excludeOwnFiles(made.root)).toBe(null)
    expect(readFileSync(made.exclude, 'utf8').match(/logs$/gm)).toHaveLength(1)
    expect(added(made)).toEqual(theirs)
  })

  it.each([
    ['the folder is missing', ({ exclude }: { exclude: string }) => rmSync(dirname(exclude), { recursive: true })],
    ['the file is missing', ({ exclude }: { exclude: string }) => rmSync(exclude)],
  ])('makes what is missing: %s', async (_, change) => {
    const made = withFiles()
    change(made)
    expect(excludeOwnFiles(made.root)).toBe(null)
    expect(added(made)).toEqual(theirs)
  })

  it('writes the list of the repository, not of the linked worktree that we were started in', async () => {
    const made = withFiles()
    expect(excludeOwnFiles(made.lane)).toBe(null)
    expect(added(made)).toEqual(theirs)
    expect(made.git(made.lane, 'check-ignore', '.kittify/orchestrator.lock.1')).toBe('.kittify/orchestrator.lock.1')
  })

  it('keeps the permissions of the list', async () => {
    const made = withFiles()
    writeFileSync(made.exclude, '')
    chmodSync(made.exclude, 0o664)
    excludeOwnFiles(made.root)
    expect(statSync(made.exclude).mode & 0o777).toBe(0o664)
  })

  it('says why it cannot, and writes nowhere else', async () => {
    const folder = withFiles()
    rmSync(folder.exclude)
    mkdirSync(folder.exclude)
    expect(excludeOwnFiles(folder.root)).toMatch(/exclude/)

    const link = withFiles()
    const shared = join(dirname(link.root), 'shared')
    writeFileSync(shared, 'mine\n')
    rmSync(link.exclude)
    symlinkSync(shared, link.exclude)
    expect(excludeOwnFiles(link.root)).toMatch(/is a link to/)
    expect(readFileSync(shared, 'utf8')).toBe('mine\n')

    const readOnly = withFiles()
    chmodSync(readOnly.exclude, 0o444)
    // Permissions do not hold root back.
    if (process.getuid?.() !== 0) expect(excludeOwnFiles(readOnly.root)).toMatch(/EACCES|permission/)
  })
})

describe('what of it is tracked already', () => {
  it('is nothing, and there is no command', async () => {
    expect(await untrackOwnFiles(withFiles().root)).toBe(null)
  })

  it.each([
    ['committed, then changed', true],
    ['only staged, then changed', false],
  ])('is taken out by the command, and stays on disk: %s', async (_, commit) => {
    const made = withFiles()
    made.git(made.root, 'add', '--all', '--force')
    if (commit) made.git(made.root, 'commit', '--quiet', '--message', 'Everything')
    writeFileSync(join(made.root, '.kittify/orchestrator-run-state.json'), 'changed\n')
    rmSync(join(made.root, '.kittify/orchestrator.lock.1'))
    excludeOwnFiles(made.root)
    const command = await untrackOwnFiles(made.root)
    execFileSync('sh', ['-c', command ?? 'false'], { cwd: '/', env: identity(made) })
    expect(await untrackOwnFiles(made.root)).toBe(null)
    expect(existsSync(join(made.root, '.kittify/orchestrator-run-state.json.bak'))).toBe(true)
    if (commit) expect(made.git(made.root, 'status', '--porcelain')).toBe('')
  })
})

function identity({ root }: ScratchRepository): Record<string, string> {
  const [name, email] = ['T', 't@example.invalid']
  return {
    PATH: process.env.PATH ?? '',
    HOME: dirname(root),
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  }
}
