/** In coord topology the host starts the lanes from the mission's own branch, `kitty/mission-<slug>`, otherwise from the target. */
export function startsFromMission(baseRef: string | null | undefined): boolean {
  return baseRef?.startsWith('kitty/') ?? false
}
