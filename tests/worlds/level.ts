import type { World as Topology } from '../e2e/support/real-mission.ts'
import type { CellWorld } from './world.ts'

/** The start of an agent: role, WP, and the how many-th start for both, e.g. `implementation-WP01-1`. */
export type Turn = `${'implementation' | 'review'}-WP0${1 | 2}-${number}`

/** Shell, with the functions of `support/scripted-agent`. */
export interface Act {
  readonly turn: Turn
  /** The scripted agent does its own work between the two. */
  readonly when: 'before' | 'after'
  readonly shell: string
}

/** While the agent of this turn waits, or the first call of this command of the host. */
export type Stage = Turn | 'start-review' | 'merge-mission'

/** Who did what; a message may name nothing that is not so. */
export interface Truth {
  readonly reviewerWrites: boolean
  /** A person writes in a lane worktree; while a reviewer runs in it, if that is the stage. */
  readonly personInLane: boolean
  readonly lanesMoved: boolean
  readonly mainTouched: boolean
}

/** What one value of a factor does to the world. */
export interface Level {
  readonly name: string
  /** Part of the cover that `npm test` runs; the others are for `npm run test:worlds`. */
  readonly quick?: boolean
  /** Mounts or namespaces: left out where the tests do not run as root. */
  readonly needsRoot?: boolean
  readonly topology?: Topology
  /** Fields that the mission's meta.json lacks. */
  readonly without?: readonly string[]
  /** Where the repository is made, below the folder of the cell; `repo` unless given. */
  readonly place?: string
  /** `prepare` has made the project, with `work` checked out. */
  readonly hasProject?: boolean
  /** Runs before the mission is planned, when only the folder of the repository exists. */
  readonly prepare?: (place: { readonly folder: string; readonly repo: string }) => Promise<void>
  /** Runs when the mission is planned. */
  readonly arrange?: (world: CellWorld) => Promise<void>
  /** Over the environment of sko; `folder` is that of the cell. */
  readonly env?: (folder: string) => Readonly<Record<string, string>>
  /** A program and arguments before `node bin/sko.js`. */
  readonly wrap?: readonly string[]
  readonly acts?: readonly Act[]
  /** Shell, by a process that sko did not start. */
  readonly person?: string
  /** When a person acts, if one does. */
  readonly stage?: Stage
  readonly truth?: Partial<Truth>
  readonly refused?: Refusal
  /** Commands that a person runs where sko names a deed and no command; the mission is then resumed. */
  readonly personsCure?: (world: CellWorld) => Promise<void>
}

/** The start is refused with these words. Then it is made in the usual environment, or a printed command cures it. */
export interface Refusal {
  readonly says: RegExp
}
