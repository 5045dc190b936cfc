/**
 * Variables that make git work elsewhere. We may have been started by a hook or `rebase --exec`; the host, the agents
 * and our own git must all use the worktree they are in.
 */
const gitRedirections = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_COMMON_DIR',
  'GIT_PREFIX',
  'GIT_OBJECT_DIRECTORY',
]

/** The environment without those variables. */
export function withoutGitRedirections(env: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !gitRedirections.includes(name)))
}

/** A setting of git, of the kind that `git -c` takes. */
export type Setting = readonly [key: string, value: string]

/** The settings in GIT_CONFIG_COUNT. Empty if they are incomplete, which is a fatal error for git. */
export function injectedSettings(env: Readonly<NodeJS.ProcessEnv>): readonly Setting[] {
  const count = /^\d{1,4}$/.test(env.GIT_CONFIG_COUNT ?? '') ? Number(env.GIT_CONFIG_COUNT) : 0
  const pairs = Array.from({ length: count }, (_, n) => [env[`GIT_CONFIG_KEY_${n}`], env[`GIT_CONFIG_VALUE_${n}`]])
  const complete = pairs.flatMap(([key, value]) =>
    key?.includes('.') && value !== undefined ? [[key, value] as const] : [],
  )
  return complete.length === count ? complete : []
}

/** The variables that pass these settings to every git started by a process. */
export function variablesFor(settings: readonly Setting[]): readonly (readonly [name: string, value: string])[] {
  return [
    ...settings.flatMap(([key, value], n) => [
      [`GIT_CONFIG_KEY_${n}`, key] as const,
      [`GIT_CONFIG_VALUE_${n}`, value] as const,
    ]),
    ['GIT_CONFIG_COUNT', `${settings.length}`],
  ]
}
