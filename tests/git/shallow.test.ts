import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { refuseShallow } from '../../src/git/shallow.ts'
import { scratchRepository } from './scratch-repository.ts'

it('refuses a shallow clone, and the printed command makes it whole', async () => {
  const { root, git } = scratchRepository()
  await refuseShallow(root)
  git(root, 'commit', '--quiet', '--allow-empty', '--message', 'Later')
  const clone = join(root, '..', "it's a clone")
  git(root, 'clone', '--quiet', '--depth', '1', `file://${root}`, clone)
  const refused = await refuseShallow(clone).catch(error => error)
  expect(refused).toMatchObject({ code: 'shallow-clone', message: expect.stringContaining('is a shallow clone') })
  execFileSync('sh', ['-c', refused.hint], { cwd: '/' })
  await refuseShallow(clone)
  expect(git(clone, 'rev-list', '--count', 'HEAD')).toBe('2')
})

it('refuses it in a linked worktree of it too', async () => {
  const { root, lane, git } = scratchRepository()
  git(root, 'commit', '--quiet', '--allow-empty', '--message', 'Later')
  execFileSync('sh', ['-c', 'git rev-parse HEAD >.git/shallow'], { cwd: root })
  await expect(refuseShallow(lane)).rejects.toMatchObject({ code: 'shallow-clone' })
})
