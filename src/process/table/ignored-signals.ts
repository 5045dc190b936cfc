/**
 * The signals that whoever started us has us ignore, as `nohup`, or a shell for what it starts in the background. Node
 * forgets them when it begins, so the first line of `bin/sko.js` finds them out. With our number before them: what we
 * start inherits the variable, but not what it says.
 */
export function ignoredSignals(): readonly NodeJS.Signals[] {
  const [owner, names = ''] = (process.env.SKO_IGNORED_SIGNALS ?? '').split(':')
  if (owner !== String(process.pid)) return []
  const words = names.split(' ')
  return known.filter(signal => words.includes(signal.slice('SIG'.length)))
}

const known = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTSTP'] as const

/** Node has set them to what they do by default, which ends or stops a process. */
export function keepIgnoring(signals: readonly NodeJS.Signals[]): void {
  for (const signal of signals) process.on(signal, () => undefined)
}
