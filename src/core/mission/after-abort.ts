/** What goes on after an abort: the run is over, a new one takes over what the lanes have. */
export function goOnAfterAbort(mission: string): string {
  return `sko orchestrate --mission ${mission}`
}

/**
 * A hint as it reads once the run is aborted. Hints are written for a run that can be resumed, wherever they come from;
 * every flag that they give to `sko resume` is one of `sko orchestrate`, too.
 */
export function afterAbort(hint: string, mission: string): string {
  return hint.replaceAll('sko resume', goOnAfterAbort(mission))
}
