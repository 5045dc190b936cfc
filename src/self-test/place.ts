import { join } from 'node:path'
import type { PlainGit } from './plain-git.ts'

/** Where the scenario runs. */
export interface ScratchPlace {
  readonly folder: string
  /** The main checkout. */
  readonly root: string
  /** A lane worktree in which an agent works. */
  readonly lane: string
  /** A lane worktree that a killed host call left half-made. */
  readonly halfMade: string
  /** The home folder, whose `.gitconfig` has the settings under test. */
  readonly home: string
  readonly git: PlainGit
}

export const laneBranch = 'kitty/mission-demo-lane-a'

export function placeIn(folder: string, git: PlainGit): ScratchPlace {
  const root = join(folder, 'repo')
  return {
    folder,
    root,
    lane: join(root, '.worktrees', 'demo-lane-a'),
    halfMade: join(root, '.worktrees', 'demo-lane-b'),
    home: join(folder, 'home'),
    git,
  }
}
