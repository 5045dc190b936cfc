import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { OrchestratorError } from '../../src/errors.ts'
import { findRepository } from '../../src/git/repository.ts'
import { scratchRepository } from './scratch-repository.ts'

it.each(['root', 'lane'] as const)(
  'a core.worktree that a tool has set is named in %s, and the command puts it right',
  async where => {
    const repository = scratchRepository()
    const { root, git } = repository
    mkdirSync(join(root, '.kittify'))
    const elsewhere = join(root, '..', 'elsewhere')
    mkdirSync(elsewhere)
    git(root, 'config', 'core.worktree', elsewhere)
    const error = await findRepository(repository[where]).catch((thrown: unknown) => thrown)
    if (!(error instanceof OrchestratorError)) throw new Error('it was not refused')
    expect(error.message).toContain('because core.worktree is set')
    execFileSync('sh', ['-c', error.next[0]?.command ?? 'false'])
    expect((await findRepository(repository[where])).root).toBe(root)
  },
)
