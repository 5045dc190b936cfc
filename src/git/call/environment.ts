import { AsyncLocalStorage } from 'node:async_hooks'
import { injectedSettings, type Setting, variablesFor } from '../../process/inherited-environment.ts'
import { ourSettings, programSettings } from '../settings.ts'

/**
 * The only inherited GIT_ variables that git sees: which configuration files to read, where git's own programs are, and
 * what a filter needs to fetch content. The others redirect the repository, the index or the objects, write traces,
 * name programs, or set who commits and when. An invalid date alone makes every commit fail.
 */
const passedOn =
  /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|EXEC_PATH|TEMPLATE_DIR|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|SSH.*|ASKPASS|SSL_.*|HTTP_.*|PROXY_.*|LFS_.*)$/

/** Variables that mark the processes git starts, such as the run id, so that they can be found later. */
export type GitVariables = Readonly<Record<string, string>>

const carried = new AsyncLocalStorage<GitVariables>()

/** Every git call that `work` makes carries these variables. */
export function withGitVariables<T>(variables: GitVariables, work: () => Promise<T>): Promise<T> {
  return carried.run(variables, work)
}

interface OfCall {
  /** Settings for this call only. */
  readonly settings?: readonly Setting[] | undefined
  /** Variables for this call only, such as GIT_INDEX_FILE. */
  readonly variables?: Readonly<Record<string, string>>
}

/**
 * The environment of a git call. Settings already in GIT_CONFIG_COUNT (CI puts `safe.directory` there) are kept; ours
 * follow.
 */
export function gitEnvironment(
  env: Readonly<NodeJS.ProcessEnv>,
  { settings: settingsOfCall = [], variables = {} }: OfCall = {},
): NodeJS.ProcessEnv {
  const settings = [...injectedSettings(env), ...ourSettings, ...settingsOfCall]
  // From one list: spreading objects with so many keys costs 3 ms and 2 MB of garbage per call (measured, Node 20).
  return Object.fromEntries([
    ...Object.entries(env).filter(([name]) => !name.startsWith('GIT_') || passedOn.test(name)),
    ...Object.entries(carried.getStore() ?? {}),
    ...variablesFor(settings),
    ...always,
    ['GIT_CONFIG_PARAMETERS', withoutPrograms],
    ...Object.entries(variables),
  ])
}

/**
 * In the form that `git -c` passes on. In a submodule git starts another git, which in 2.31 gets no GIT_CONFIG_COUNT (in
 * 2.39 it does): a `git status` of ours then ran the file system monitor of the submodule (measured).
 */
const withoutPrograms = programSettings.map(([key, value]) => `'${key}=${value}'`).join(' ')

const always: readonly (readonly [string, string])[] = [
  ['GIT_TERMINAL_PROMPT', '0'],
  ['GIT_OPTIONAL_LOCKS', '0'],
  // An agent can make git show one commit in place of another. Review and keep the real object.
  ['GIT_NO_REPLACE_OBJECTS', '1'],
  // The same of a commit's parents, in a file of grafts. git is silent only where there cannot be one.
  ['GIT_GRAFT_FILE', '/dev/null/none'],
  ['GIT_EDITOR', ':'],
  ['GIT_SEQUENCE_EDITOR', ':'],
  ['GIT_PAGER', 'cat'],
  ['LC_ALL', 'C'],
]
