import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { whyNotMerge } from '../../../src/git/main/main-checkout.ts'
import { type ScratchRepository, scratchRepository } from '../scratch-repository.ts'

afterEach(vi.unstubAllEnvs)

const ask = ({ root }: ScratchRepository) =>
  whyNotMerge(
    { root, mission: 'demo', runId: 'run', onKept: () => undefined },
    { coord: false, strategy: 'merge', lanes: [] },
  )

/** git's folder is beside the checkout, and the settings name the checkout. */
function apart(): ScratchRepository {
  const made = scratchRepository()
  made.git(made.root, 'init', '--quiet', '--separate-git-dir', join(made.root, '..', 'apart'))
  made.git(made.root, 'config', 'core.worktree', made.root)
  return made
}

/** Git reads it from no file of the repository. */
function inject(value: string): void {
  vi.stubEnv('GIT_CONFIG_COUNT', '1')
  vi.stubEnv('GIT_CONFIG_KEY_0', 'safe.bareRepository')
  vi.stubEnv('GIT_CONFIG_VALUE_0', value)
}

it('prints what allows the host to ask in the folder of git', async () => {
  const made = apart()
  inject('explicit')
  const cure = await ask(made)
  const exported = Object.fromEntries(
    [...(cure?.command ?? '').matchAll(/(GIT_CONFIG\w+)=(\S+)/g)].map(found => found.slice(1)),
  )
  expect(exported).toEqual({
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.bareRepository',
    GIT_CONFIG_VALUE_0: 'all',
  })

  for (const [name, value] of Object.entries(exported)) vi.stubEnv(name, String(value))
  expect(await ask(made)).toBeNull()
})

it('does not care where git keeps its folder in the checkout', async () => {
  inject('explicit')
  expect(await ask(scratchRepository())).toBeNull()
})
