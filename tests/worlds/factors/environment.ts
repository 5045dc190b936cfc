import { appendFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Level } from '../level.ts'

/** `SKO_OLD_GIT=/path/to/bin/git`: the oldest that is promised, for sko, the host, agents and persons. */
const oldGit = process.env.SKO_OLD_GIT

/** Where and how sko itself is started. */
export const environment: readonly Level[] = [
  { name: 'usual', quick: true },
  {
    name: 'no-identity',
    quick: true,
    arrange: async world => {
      await appendFile(join(world.folder, 'home', '.gitconfig'), '[user]\n\tuseConfigOnly = true\n')
      await world.git('config', '--unset', 'user.name')
      await world.git('config', '--unset', 'user.email')
    },
    refused: { says: /cannot commit in .*\n +git -C .* config user\.name/ },
  },
  {
    name: 'empty-author',
    env: () => ({ GIT_AUTHOR_NAME: '', GIT_AUTHOR_DATE: 'never' }),
    refused: { says: /cannot commit in .*\n +unset GIT_AUTHOR_NAME/ },
  },
  {
    name: 'home-read-only',
    env: () => ({ HOME: '/proc', XDG_CONFIG_HOME: '/proc/config' }),
    // The host keeps things there, and says so.
    refused: { says: /\/proc/ },
  },
  { name: 'umask-077', quick: true, wrap: ['sh', '-c', 'umask 077 && exec "$@"', 'sh'] },
  { name: 'few-files', wrap: ['sh', '-c', 'ulimit -n 128 && exec "$@"', 'sh'] },
  { name: 'pid-1', quick: true, needsRoot: true, wrap: ['unshare', '-pf', '--mount-proc', '--'] },
  {
    name: 'git-redirected',
    env: folder => ({
      GIT_DIR: `${folder}/nowhere`,
      GIT_WORK_TREE: `${folder}/nowhere`,
      GIT_INDEX_FILE: `${folder}/index`,
    }),
  },
  { name: 'git-diff-program', env: () => ({ GIT_EXTERNAL_DIFF: 'false', GIT_PAGER: 'false', GIT_TRACE: '1' }) },
  { name: 'german', env: () => ({ LC_ALL: '', LANG: 'de_DE.UTF-8', LANGUAGE: 'de' }) },
  ...(oldGit ? [{ name: 'old-git', arrange: withGit(oldGit) }] : []),
]

function withGit(git: string): NonNullable<Level['arrange']> {
  return ({ folder }) => symlink(git, join(folder, 'bin', 'git'))
}
