import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { OrchestratorError } from '../../src/errors.ts'
import { refuseUnmergeable } from '../../src/git/unmergeable.ts'
import { scratchRepository } from './scratch-repository.ts'

afterEach(vi.unstubAllEnvs)

it('refuses a shallow clone, and the printed command makes it whole', async () => {
  const { root, git } = scratchRepository()
  await refuseUnmergeable(root)
  git(root, 'commit', '--quiet', '--allow-empty', '--message', 'Later')
  const clone = join(root, '..', "it's a clone")
  git(root, 'clone', '--quiet', '--depth', '1', `file://${root}`, clone)
  const refused = await refuseUnmergeable(clone).catch(error => error)
  expect(refused).toMatchObject({ code: 'shallow-clone', message: expect.stringContaining('is a shallow clone') })
  execFileSync('sh', ['-c', refused.next[0]?.command ?? 'false'], { cwd: '/' })
  await refuseUnmergeable(clone)
  expect(git(clone, 'rev-list', '--count', 'HEAD')).toBe('2')
})

it('refuses it in a linked worktree of it too', async () => {
  const { root, lane, git } = scratchRepository()
  git(root, 'commit', '--quiet', '--allow-empty', '--message', 'Later')
  execFileSync('sh', ['-c', 'git rev-parse HEAD >.git/shallow'], { cwd: root })
  await expect(refuseUnmergeable(lane)).rejects.toMatchObject({ code: 'shallow-clone' })
})

it('refuses a style of conflicts that git does not know, and the printed command corrects it where it is set', async () => {
  const made = scratchRepository()
  const { root, git } = made
  const home = dirname(root)
  vi.stubEnv('HOME', home)
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1')
  writeFileSync(join(home, '.gitconfig'), '[merge]\n\tconflictStyle = zdiff9\n')
  git(root, 'config', 'merge.conflictStyle', 'diff3')
  const refused: unknown = await refuseUnmergeable(root).catch((error: unknown) => error)
  expect(refused).toMatchObject({
    code: 'unknown-conflict-style',
    message: `git cannot merge in ${root}: unknown style 'zdiff9' given for 'merge.conflictstyle'`,
  })
  if (!(refused instanceof OrchestratorError)) throw new Error('not refused')
  execFileSync('sh', ['-c', refused.next[0]?.command ?? 'false'], { cwd: '/' })
  await refuseUnmergeable(root)
})
