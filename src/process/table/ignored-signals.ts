/**
 * The signals that our parent set to be ignored, as `nohup` does, or a shell for background commands. Node resets them
 * at its start, so the first line of `bin/sko.js` records them. The value starts with our pid: our children inherit the
 * variable, but it is not about them.
 */
export function ignoredSignals(): readonly NodeJS.Signals[] {
  const [owner, names = ''] = (process.env.SKO_IGNORED_SIGNALS ?? '').split(':')
  if (owner !== String(process.pid)) return []
  const words = names.split(' ')
  return known.filter(signal => words.includes(signal.slice('SIG'.length)))
}

const known = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTSTP'] as const

/** Node has reset them to their default, which ends or stops a process. */
export function keepIgnoring(signals: readonly NodeJS.Signals[]): void {
  for (const signal of signals) process.on(signal, () => undefined)
}
