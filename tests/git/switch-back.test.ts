import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { switchCommand } from '../../src/git/main/switch-back.ts'
import { orNull } from '../../src/run/git/git-outcome.ts'
import { scratchRepository } from './scratch-repository.ts'

/** On `work`, and not on `main`, from which a person has to come back. */
const onWork = ['kitty-specs/demo/status.events.jsonl', 'build.log', 'folder', 'deep/er/file', "it's é.txt", 'a *.txt']

function onMain() {
  const made = scratchRepository()
  const { root, git } = made
  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  git(root, 'branch', 'main')
  for (const file of [...onWork, 'base.txt']) put(file, 'work\n')
  for (let n = 0; n < 30; n += 1) put(`many/${n}`, 'work\n')
  git(root, 'add', '--all', '--force')
  git(root, 'commit', '--quiet', '--message', 'Work')
  git(root, 'config', 'user.name', 'T')
  git(root, 'config', 'user.email', 't@example.invalid')
  git(root, 'checkout', '--quiet', 'main')
  return { ...made, put }
}

it.each<[string, readonly string[]]>([
  ['nothing', []],
  ['a record that the host has written there', ['kitty-specs/demo/status.events.jsonl']],
  ['an ignored file', ['build.log']],
  ['a changed file', ['base.txt']],
  ['a folder where the branch has a file', ['folder/mine.txt']],
  ['a file where the branch has folders', ['deep']],
  ['a name with a quote', ["it's é.txt"]],
  ['a name that is a pattern', ['a *.txt']],
  ['many files', Array.from({ length: 30 }, (_, n) => `many/${n}`)],
  ['several of these', ['base.txt', 'build.log', 'folder/mine.txt']],
])('with %s in the way, the printed command gets back to the branch and loses nothing', async (_, files) => {
  const { root, git, put } = onMain()
  for (const file of files) put(file, `mine: ${file}\n`)
  put('untouched.txt', 'mine\n')
  const command = (await orNull(switchCommand(root, 'work'))) ?? ''
  execFileSync('sh', ['-c', command], { cwd: '/', stdio: 'pipe' })
  expect(git(root, 'branch', '--show-current')).toBe('work')
  expect(git(root, 'status', '--porcelain', '--untracked-files=no')).toBe('')
  const stashed =
    files.length === 0 ? '' : git(root, 'log', '--format=', '-p', '-m', 'stash@{0}', 'stash@{0}^3', '--not', 'HEAD')
  for (const file of files) expect(stashed).toContain(`+mine: ${file}`)
  if (!command.includes('stash') || command.includes(' -- ')) expect(existsSync(join(root, 'untouched.txt'))).toBe(true)
})
