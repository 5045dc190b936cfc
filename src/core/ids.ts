export type WpId = string & { readonly brand: 'WpId' }
export type AgentId = string & { readonly brand: 'AgentId' }
/** Name of a lane worktree as the host gives it (`lane-a`), not to be confused with a WP's lane (`planned`). */
export type LaneId = string & { readonly brand: 'LaneId' }

/** The host resolves `WP01-part` and even `*` to a file, so ids are checked before they reach it. It names a folder, too. */
export function isWpId(text: string): text is WpId {
  return /^WP\d{2,9}$/.test(text)
}

export function isAgentId(text: string): text is AgentId {
  return /^[a-z][a-z0-9-]{0,39}$/.test(text)
}

export function isLaneId(text: string): text is LaneId {
  return text.length > 0
}
