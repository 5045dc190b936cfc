/** Variables that git and the programs it starts read. */
const gitVariable = /^(?:GIT_|XDG_CONFIG_HOME$|HOME$|EMAIL$|PAGER$|LESS$|LV$|EDITOR$|VISUAL$|SSH_ASKPASS$|TZ$)/

export function withoutGit(env: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !gitVariable.test(name)))
}

/** Variables that git reads, except those for the home folder. */
export function variablesOfGit(env: Readonly<NodeJS.ProcessEnv>): readonly (readonly [string, string])[] {
  return Object.entries(env).flatMap(([name, value]) =>
    gitVariable.test(name) && value !== undefined && !homes.includes(name) ? [[name, value] as const] : [],
  )
}

const homes = ['HOME', 'XDG_CONFIG_HOME']

/** The environment in which we were started. */
export function ownEnvironment(): Readonly<NodeJS.ProcessEnv> {
  return { ...process.env }
}

/**
 * Runs `work` with another environment for the whole process, because our git calls read it. Nothing else may run at
 * that time.
 */
export async function underEnvironment<T>(env: Readonly<NodeJS.ProcessEnv>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env }
  replaceWith(env)
  try {
    return await work()
  } finally {
    replaceWith(before)
  }
}

function replaceWith(env: Readonly<NodeJS.ProcessEnv>): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value
}
