import type { AgentId, WpId } from '../../core/ids.ts'
import type { NextCommand } from '../../core/next-command.ts'
import { namesOf, type Strayed } from '../../core/repository/strayed.ts'
import type { Role } from '../../core/work-package/work-package.ts'

/** Events about the project itself: its main checkout and its git state. */
export type ProjectEvent = OwnFilesInGit | MainCheckoutKept | MissionIncomplete | MainCheckoutChanged | StrategyNotUsed

/** sko's state files are in git, or `git add --all` would add them. With them in a commit the host refuses to merge. */
export interface OwnFilesInGit {
  readonly type: 'own-files-in-git'
  /** Why `.git/info/exclude` cannot be written; null when git already tracks some of them. */
  readonly reason: string | null
  readonly next: readonly NextCommand[]
}

/** A copy of the main checkout, before the host overwrites something in it. */
export interface MainCheckoutKept {
  readonly type: 'main-checkout-kept'
  readonly ref: string
  readonly why: string
}

/** The host will refuse to accept the mission at the end, because fields are missing in its `meta.json`. */
export interface MissionIncomplete {
  readonly type: 'mission-incomplete'
  readonly fields: readonly string[]
  readonly next: readonly NextCommand[]
}

/** The main checkout changed while an attempt ran; who did it is not known. A copy is kept, nothing is put back. */
export interface MainCheckoutChanged extends Strayed {
  readonly type: 'main-checkout-changed'
  readonly wpId: WpId
  readonly role: Role
  readonly agent: AgentId
  readonly attempt: number
}

/** A merge that names no strategy has that of the host's `.kittify/config.yaml`, which cannot be used. */
export interface StrategyNotUsed {
  readonly type: 'host-strategy-not-used'
  readonly reason: string
  /** Used in its place. */
  readonly strategy: string
}

export function describeProject(event: ProjectEvent): string {
  switch (event.type) {
    case 'own-files-in-git':
      return event.reason === null
        ? `warning: git tracks state files of sko, and the host refuses to merge while it does`
        : `warning: the state files of sko cannot be excluded from \`git add --all\` (${event.reason})`
    case 'mission-incomplete':
      return `warning: ${lackingWords(event.fields)}`
    case 'main-checkout-changed': {
      const others = event.alone ? '' : ', as did other attempts'
      const copy = event.kept === null ? '' : `; a copy is in ${event.kept}`
      return `warning: the main checkout ${event.main} changed while attempt ${event.attempt} of ${event.wpId} ran${others}; sko cannot tell who changed it, it may have been you: ${namesOf([...event.files, ...event.refs])}${copy}`
    }
    case 'host-strategy-not-used':
      return `warning: ${strategyNotUsed(event.reason, event.strategy)}`
    case 'main-checkout-kept':
      return `a copy of the main checkout is in ${event.ref} (${event.why}): git show ${event.ref}`
  }
}

export function strategyNotUsed(reason: string, strategy: string | null): string {
  return `.kittify/config.yaml: ${reason}; the mission is merged by ${strategy}`
}

export function lackingWords(fields: readonly string[]): string {
  return `the host will not accept the mission while its meta.json lacks ${fields.join(', ')}`
}
