import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { laneBranch, type ScratchPlace } from './place.ts'

/** Options of `git init`: another object format, another way to store refs. */
export interface RepositoryFormat {
  readonly objects?: 'sha1' | 'sha256'
  readonly refs?: 'files' | 'reftable'
}

/** Each file gives some setting something to change: an encoding, a driver, a mode, a line ending, a quoted path. */
const files: Readonly<Record<string, string>> = {
  '.gitattributes': '*.drv diff=drv filter=drv merge=drv\n*.bin binary\n*.crlf text eol=crlf\n',
  '.gitignore': '*.log\n.worktrees/\n.kittify/orchestrator*\n',
  '.mailmap': 'Bob <bob@example.invalid> Ann <ann@example.invalid>\n',
  'README.md': '# Scratch\n\nA repository of `sko doctor --self-test`.\n',
  'src/long.c': Array.from({ length: 60 }, (_, line) => `int f${line}(void) { return ${line}; }\n`).join(''),
  'src/moved.txt': Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join(''),
  'src/removed.txt': 'goes away\n',
  'driven.drv': 'driven\n',
  'data.bin': 'a\0b\0c\n',
  'line ends.txt': 'lf\ncrlf\r\nlf\n',
  'dos.crlf': 'one\r\ntwo\r\n',
  'ünïcode "quoted".txt': 'names\n',
  '-dash.txt': 'not a flag\n',
  'run.sh': '#!/bin/sh\necho run\n',
  'kitty-specs/demo/status.events.jsonl': '{}\n',
  '.kittify/config.yaml': 'vcs:\n  type: git\n',
}

/** Makes a project with a lane, as the host leaves it: branches, a remote, a tag, notes, a signed commit, a stash. */
export async function plantSeed(place: ScratchPlace, format: RepositoryFormat = {}): Promise<void> {
  const { root, lane, git } = place
  await mkdir(place.home, { recursive: true })
  await mkdir(join(place.folder, 'templates'), { recursive: true })
  const formats = [
    ...(format.objects ? [`--object-format=${format.objects}`] : []),
    ...(format.refs ? [`--ref-format=${format.refs}`] : []),
  ]
  const init = ['init', '--quiet', '--template', join(place.folder, 'templates'), ...formats]
  await git(place.folder, [...init, '--bare', 'remote.git'])
  await git(place.folder, [...init, '--initial-branch=main', root])
  await writeFiles(root, files)
  await chmod(join(root, 'run.sh'), 0o755)
  await symlink('README.md', join(root, 'link'))
  await git(root, ['add', '--all'])
  await git(root, ['commit', '--quiet', '--message', 'Begin'])
  await git(root, ['remote', 'add', 'origin', '../remote.git'])
  await git(root, ['push', '--quiet', '--set-upstream', 'origin', 'main'])
  await git(root, ['tag', '--annotate', '--message', 'One', 'v1'])
  await git(root, ['notes', 'add', '--message', 'a note', 'HEAD'])
  await git(root, ['worktree', 'add', '--quiet', '-b', laneBranch, lane])
  await commitSigned(place)
  await plantHalfMade(place)
  await writeFiles(root, { 'kitty-specs/demo/status.events.jsonl': '{}\n{}\n' })
}

export async function writeFiles(folder: string, contents: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(contents)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
}

/** Needs no signing program: git verifies a signature only when it shows it. */
async function commitSigned({ lane, git }: ScratchPlace): Promise<void> {
  const commit = await git(lane, ['cat-file', 'commit', 'HEAD'])
  const parent = (await git(lane, ['rev-parse', 'HEAD'])).trim()
  const tree = /^tree .*\n/.exec(commit)?.[0] ?? ''
  const people = [...commit.matchAll(/^(?:author|committer) .*\n/gm)].join('')
  const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n'
  const text = `${tree}parent ${parent}\n${people}${signature}\nSigned\n`
  const made = await git(lane, ['hash-object', '-t', 'commit', '-w', '--stdin'], text)
  await git(lane, ['update-ref', 'HEAD', made.trim()])
}

/** A checkout that was cut off: a file of the branch is missing, and a merge driver's file is left. */
async function plantHalfMade({ root, halfMade, git }: ScratchPlace): Promise<void> {
  await git(root, ['worktree', 'add', '--quiet', '-b', 'kitty/mission-demo-lane-b', halfMade])
  await writeFiles(halfMade, { '.merge_file_abc123': 'driven\n', 'copy.txt': 'driven\n' })
}
