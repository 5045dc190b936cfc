/**
 * Variables that tell git to work elsewhere. We may have been started from a hook or from `rebase --exec`; the host, the
 * agents and our own git must all see the worktree they are in.
 */
const gitRedirections = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_COMMON_DIR',
  'GIT_PREFIX',
  'GIT_OBJECT_DIRECTORY',
]

/** The environment without them. */
export function withoutGitRedirections(env: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !gitRedirections.includes(name)))
}
