import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nameCheckout } from '../../src/git/main/main-checkout.ts'
import { type ScratchRepository, scratchRepository } from './scratch-repository.ts'

/** Its folder of git is elsewhere, and one of its lane worktrees is there. */
function apart(): ScratchRepository {
  const made = scratchRepository()
  made.git(made.root, 'init', '--quiet', '--separate-git-dir', join(made.root, '..', 'apart'))
  return made
}

async function obey(root: string): Promise<void> {
  const command = await nameCheckout(root)
  if (command === null) throw new Error('no command')
  execFileSync('sh', ['-c', command], { cwd: '/', stdio: 'pipe' })
}

const topOf = ({ git }: ScratchRepository, folder: string) => git(folder, 'rev-parse', '--show-toplevel')

it.each([
  ['share all settings', () => undefined],
  [
    'have settings of their own',
    ({ root, git }: ScratchRepository) => git(root, 'config', 'extensions.worktreeConfig', 'true'),
  ],
  [
    'have settings of their own, and the shared ones name the main checkout',
    ({ root, git }: ScratchRepository) => {
      git(root, 'config', 'core.worktree', root)
      git(root, 'config', 'extensions.worktreeConfig', 'true')
    },
  ],
])('names the main checkout and no lane worktree, where they %s', async (_, change) => {
  const made = apart()
  change(made)
  await obey(made.root)
  expect(await nameCheckout(made.root)).toBeNull()
  expect(topOf(made, made.lane)).toBe(made.lane)
  // Where the host's merge looks.
  expect(topOf(made, join(made.root, '..', 'apart'))).toBe(made.root)
})
