import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isLaneId } from '../core/ids.ts'
import type { LaneWorktree } from '../core/work-package/work-package.ts'
import { gitOrThrow } from '../git/git.ts'

/** A temporary folder with a repository that has one minimal work package. */
export interface Scratch {
  readonly folder: string
  readonly repository: string
  /** Separate from the main checkout, as in a run: some sandboxes forbid writing to a worktree's git folder. */
  readonly worktree: LaneWorktree
  readonly logs: string
}

export const wantedFile = 'hello.txt'

const workPackage = `---
work_package_id: WP01
title: Say hello
owned_files:
- ${wantedFile}
---

# Say hello

Create the file \`${wantedFile}\` in the root of the repository. It holds one line: \`hello\`. Nothing else is to be done, and
there is nothing to build or to test.
`

const branch = 'trial-lane-a'

export async function makeScratch(): Promise<Scratch> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sko-agent-test-')))
  try {
    return await fill(folder)
  } catch (error) {
    await removeScratch(folder)
    throw error
  }
}

/** False: something in it cannot be removed, for example a folder that the agent made read-only. */
export async function removeScratch(folder: string): Promise<boolean> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    return true
  } catch {
    return false
  }
}

async function fill(folder: string): Promise<Scratch> {
  const repository = join(folder, 'repository')
  const path = join(repository, '.worktrees', 'lane-a')
  const promptPath = join(repository, 'WP01.md')
  await mkdir(repository)
  await gitOrThrow(repository, ['init', '--quiet', '--initial-branch=main'])
  const settings = [
    ['user.name', 'sko agents test'],
    ['user.email', 'sko@localhost'],
    ['commit.gpgsign', 'false'],
    ['core.hooksPath', '/dev/null'],
    ['gc.auto', '0'],
  ] as const
  for (const [name, value] of settings) await gitOrThrow(repository, ['config', name, value])
  await writeFile(join(repository, '.gitignore'), '.worktrees/\n')
  await writeFile(join(repository, 'README.md'), '# A scratch repository of `sko agents test`\n')
  await writeFile(promptPath, workPackage)
  await gitOrThrow(repository, ['add', '--all'])
  await gitOrThrow(repository, ['commit', '--quiet', '--message', 'Begin'])
  await gitOrThrow(repository, ['worktree', 'add', '--quiet', '-b', branch, path])
  return {
    folder,
    repository,
    worktree: { path, promptPath, laneId: laneId(), branch, baseRef: 'main' },
    logs: join(folder, 'logs'),
  }
}

function laneId(): LaneWorktree['laneId'] {
  const name = 'lane-a'
  if (!isLaneId(name)) throw new Error(`${name} is not a lane id`)
  return name
}
