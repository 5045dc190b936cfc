import type { Level } from '../level.ts'

/** Where and how sko itself is started. */
export const environment: readonly Level[] = [
  { name: 'usual', quick: true },
  {
    name: 'home-read-only',
    quick: true,
    env: () => ({ HOME: '/proc', XDG_CONFIG_HOME: '/proc/config' }),
    // The host keeps things there, and says so.
    refused: { says: /\/proc/ },
  },
  { name: 'umask-077', quick: true, wrap: ['sh', '-c', 'umask 077 && exec "$@"', 'sh'] },
  { name: 'few-files', wrap: ['sh', '-c', 'ulimit -n 128 && exec "$@"', 'sh'] },
  { name: 'pid-1', quick: true, wrap: ['unshare', '-pf', '--mount-proc', '--'] },
  {
    name: 'git-redirected',
    env: folder => ({
      GIT_DIR: `${folder}/nowhere`,
      GIT_WORK_TREE: `${folder}/nowhere`,
      GIT_INDEX_FILE: `${folder}/index`,
    }),
  },
  { name: 'git-diff-program', env: () => ({ GIT_EXTERNAL_DIFF: 'false', GIT_PAGER: 'false', GIT_TRACE: '1' }) },
  { name: 'empty-author', env: () => ({ GIT_AUTHOR_NAME: '', GIT_AUTHOR_DATE: 'never' }) },
  { name: 'german', env: () => ({ LC_ALL: '', LANG: 'de_DE.UTF-8', LANGUAGE: 'de' }) },
]
