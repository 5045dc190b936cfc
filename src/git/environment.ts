import { AsyncLocalStorage } from 'node:async_hooks'
import { injectedSettings, injecting, type Setting } from '../process/inherited-environment.ts'
import { ourSettings } from './settings.ts'

/**
 * The only GIT_ variables of ours that git sees: which configuration files are read, where git's own programs are, and
 * what a filter needs to fetch content. All others redirect the repository, the index or the objects, write traces, name
 * programs, or set who commits and when; a date that does not parse alone makes every commit fail.
 */
const passedOn =
  /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|EXEC_PATH|TEMPLATE_DIR|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|SSH.*|ASKPASS|SSL_.*|HTTP_.*|PROXY_.*|LFS_.*)$/

/** Variables by which a process that git starts is found again, such as the id of the run. */
export type Carried = Readonly<Record<string, string>>

const carried = new AsyncLocalStorage<Carried>()

/** Every git call that `work` makes carries these variables. */
export function carrying<T>(variables: Carried, work: () => Promise<T>): Promise<T> {
  return carried.run(variables, work)
}

interface OfCall {
  /** Settings for this call alone. */
  readonly settings?: readonly Setting[] | undefined
  /** Variables for this call alone, such as GIT_INDEX_FILE. */
  readonly variables?: Readonly<Record<string, string>>
}

/** The environment of a git call. Settings in GIT_CONFIG_COUNT (CI puts `safe.directory` there) stay; ours follow them. */
export function gitEnvironment(
  env: Readonly<NodeJS.ProcessEnv>,
  { settings: settingsOfCall = [], variables = {} }: OfCall = {},
): NodeJS.ProcessEnv {
  const settings = [...injectedSettings(env), ...ourSettings, ...settingsOfCall]
  // From one list: spreading objects of so many keys is 3 ms and 2 MB of garbage for each call (measured, Node 20).
  return Object.fromEntries([
    ...Object.entries(env).filter(([name]) => !name.startsWith('GIT_') || passedOn.test(name)),
    ...Object.entries(carried.getStore() ?? {}),
    ...injecting(settings),
    ...always,
    ...Object.entries(variables),
  ])
}

const always: readonly (readonly [string, string])[] = [
  ['GIT_TERMINAL_PROMPT', '0'],
  ['GIT_OPTIONAL_LOCKS', '0'],
  // An agent can have one commit shown in the place of another; what is reviewed and kept is the object itself.
  ['GIT_NO_REPLACE_OBJECTS', '1'],
  ['GIT_EDITOR', ':'],
  ['GIT_SEQUENCE_EDITOR', ':'],
  ['GIT_PAGER', 'cat'],
  ['LC_ALL', 'C'],
]
