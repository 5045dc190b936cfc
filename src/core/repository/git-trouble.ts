import { oneLine, shellWord } from '../text.ts'

/** Why git does not work here at all, and what a person does about it. */
export interface GitTrouble {
  /** One line, starting with git's own words. */
  readonly cause: string
  /** A command to run, or a sentence that says what to change. */
  readonly cure: string
}

interface Known {
  readonly words: RegExp
  /** Called with the groups of `words`. */
  readonly cure: (...groups: readonly string[]) => string
}

/**
 * What git says in English (we ask with LC_ALL=C) where the repository, its settings or the identity are refused.
 * Recorded with git 2.39; "unsafe repository" is how 2.35.2 to 2.37 say "dubious ownership".
 */
const known: readonly Known[] = [
  {
    words: /fatal: detected dubious ownership in repository at '(.+)'/,
    cure: (path: string) => trust(path),
  },
  {
    words: /fatal: unsafe repository \('(.+)' is owned by someone else\)/,
    cure: (path: string) => trust(path),
  },
  {
    words: /(?:fatal|error): bad config (?:file )?line (\d+) in (?:file )?(.+)/,
    cure: (line: string, file: string) => `correct line ${line} of ${file}, or remove the line`,
  },
  {
    words: /(?:fatal|error): bad (?:boolean|numeric) config value '.*' for '(.+?)'/,
    cure: (key: string) => `correct the value; this shows the file that sets it: ${showOrigin(key)}`,
  },
  {
    words: /(?:fatal|error): (?:unable to parse|bad config variable) '(.+?)'/,
    cure: (key: string) => `correct the value; this shows the file that sets it: ${showOrigin(key)}`,
  },
  {
    // `zdiff3` before git 2.35.
    words: /(?:fatal|error): unknown style '.*?' given for '(merge\.conflictstyle)'/,
    cure: (key: string) => `correct the value; this shows the file that sets it: ${showOrigin(key)}`,
  },
  {
    words: /fatal: unknown repository extensions? found:\n\s*(\S+)/,
    cure: (name: string) =>
      `use a git that knows the extension ${oneLine(name)}: a newer one than \`git --version\` shows`,
  },
  {
    words: /fatal: [Ee]xpected git repo version <= \d+, found \d+/,
    cure: () => 'use a git that knows this version of the repository: a newer one than `git --version` shows',
  },
  {
    words: /(?:fatal|warning): unable to access '(.+)': (?:Permission denied|Is a directory|Too many levels)/,
    cure: (file: string) => `make ${file} a file that this user may read, or set HOME to another folder`,
  },
  {
    words: /fatal: not a git repository: (\/.+)/,
    cure: (folder: string) =>
      `the .git file names ${folder}, which is gone; in the main checkout: git worktree repair; in a project with submodules: git submodule update --init`,
  },
  {
    words: /fatal: invalid gitfile format: (.+)/,
    cure: (file: string) => `restore ${file}: a .git file holds one line, gitdir: <folder>`,
  },
  {
    words: /fatal: this operation must be run in a work tree/,
    cure: () =>
      'go to a checkout of the repository; if this is one, a tool has set core.bare: git config core.bare false',
  },
  {
    words: /\*\*\* Please tell me who you are|fatal: empty ident name|fatal: (?:name|email) consists only of/,
    cure: () => setIdentity,
  },
  {
    words: /fatal: no (?:name|email) was given and auto-detection is disabled|fatal: unable to auto-detect email/,
    cure: () => setIdentity,
  },
  {
    words: /error: insufficient permission for adding an object to repository database (\S+)/,
    cure: (folder: string) => `give this user write access to ${folder} and all that is in it`,
  },
  {
    words: /(?:fatal|error): .*(No space left on device|Disk quota exceeded|Read-only file system)/,
    cure: () => 'make room on the disk that holds the repository, and make sure that it is mounted for writing',
  },
  {
    words: /(?:fatal|error): .*(?:could not fetch \S+ from promisor remote|from promisor remote)/,
    cure: () =>
      'objects of this partial clone are missing and its remote cannot be reached; when it can: git fetch --refetch',
  },
]

/** A person's name and address for the commits of the host. Valid as it stands: a test runs it. */
const setIdentity = 'git config user.name "Your Name" && git config user.email you@example.com'

/** Returns null for an unknown error. The text may be longer, when another program quotes git. */
export function gitTrouble(stderr: string): GitTrouble | null {
  for (const { words, cure } of known) {
    const found = words.exec(stderr)
    if (!found) continue
    const cause = found[0].replace(/^(?:fatal|error|warning): |^\*\*\* /, '')
    return { cause: oneLine(cause), cure: oneLine(cure(...found.slice(1))) }
  }
  return null
}

/** The cure for an error of git in `text`, to append to it; empty for an unknown error. */
export function cureOf(text: string): string {
  const trouble = gitTrouble(text)
  return trouble ? `; ${trouble.cure}` : ''
}

function trust(path: string): string {
  return `if you trust it: git config --global --add safe.directory ${shellWord(path)}`
}

function showOrigin(key: string): string {
  return `git config --show-origin --get-all ${shellWord(key)}`
}
