/** The nine lanes of the host, in its order. */
export const lanes = [
  'planned',
  'claimed',
  'in_progress',
  'for_review',
  'in_review',
  'approved',
  'done',
  'blocked',
  'canceled',
] as const

export type KnownLane = (typeof lanes)[number]

/** A newer host may have a lane that we do not know: it is shown as it is, and the WP is not touched. */
export type Lane = KnownLane | { readonly unknown: string }

export function parseLane(text: string): Lane {
  return lanes.find(lane => lane === text) ?? { unknown: text }
}

export function laneName(lane: Lane): string {
  return typeof lane === 'string' ? lane : lane.unknown
}

/** The reason when someone else moved a WP. */
export function movedByOthers(from: Lane, to: Lane): string {
  return `someone else moved it from ${laneName(from)} to ${laneName(to)}`
}

/** A dependent may start when its dependency is in one of these (measured: ../host README, g). */
export function satisfiesDependents(lane: Lane): boolean {
  return lane === 'approved' || lane === 'done'
}

/** Work by an agent may be in the lane worktree and belongs to this WP alone. */
export function occupiesWorktree(lane: Lane): boolean {
  return lane === 'claimed' || lane === 'in_progress' || lane === 'for_review' || lane === 'in_review'
}
