import { describe, expect, it } from 'vitest'
import { cureOf, gitTrouble } from '../../../src/core/repository/git-trouble.ts'

const trust = (path: string) => `if you trust it: git config --global --add safe.directory '${path}'`
const showOrigin = (key: string) =>
  `correct the value; this shows the file that sets it: git config --show-origin --get-all '${key}'`
const setIdentity = 'git config user.name "Your Name" && git config user.email you@example.com'
const newerGit = (what: string) => `use a git that knows ${what}: a newer one than \`git --version\` shows`
const makeRoom = 'make room on the disk that holds the repository, and make sure that it is mounted for writing'
const fetchAgain =
  'objects of this partial clone are missing and its remote cannot be reached; when it can: git fetch --refetch'
const readable = (file: string) => `make ${file} a file that this user may read, or set HOME to another folder`

describe('what git says, and what a person does about it', () => {
  it.each([
    ["fatal: detected dubious ownership in repository at '/r'", trust('/r')],
    ["fatal: unsafe repository ('/r' is owned by someone else)", trust('/r')],
    ['fatal: bad config line 12 in file /r/.git/config', 'correct line 12 of /r/.git/config, or remove the line'],
    ['error: bad config file line 3 in .git/config', 'correct line 3 of .git/config, or remove the line'],
    ["fatal: bad boolean config value 'perhaps' for 'core.bare'", showOrigin('core.bare')],
    ["error: bad numeric config value '1x' for 'core.bigfilethreshold'", showOrigin('core.bigfilethreshold')],
    ["error: unable to parse 'core.abbrev'", showOrigin('core.abbrev')],
    ["fatal: bad config variable 'color.ui'", showOrigin('color.ui')],
    ["error: unknown style 'zdiff3' given for 'merge.conflictstyle'", showOrigin('merge.conflictstyle')],
    ['fatal: Expected git repo version <= 1, found 99', newerGit('this version of the repository')],
    ['fatal: expected git repo version <= 10, found 11', newerGit('this version of the repository')],
    ["fatal: unable to access '/h/.gitconfig': Is a directory", readable('/h/.gitconfig')],
    ["warning: unable to access '/h/.gitconfig': Permission denied", readable('/h/.gitconfig')],
    ["fatal: unable to access '/h/.gitconfig': Too many levels", readable('/h/.gitconfig')],
    [
      'fatal: not a git repository: /r/.git/worktrees/a',
      'the .git file names /r/.git/worktrees/a, which is gone; in the main checkout: git worktree repair; in a project with submodules: git submodule update --init',
    ],
    ['fatal: invalid gitfile format: /r/.git', 'restore /r/.git: a .git file holds one line, gitdir: <folder>'],
    [
      'fatal: this operation must be run in a work tree',
      'go to a checkout of the repository; if this is one, a tool has set core.bare: git config core.bare false',
    ],
    ['fatal: empty ident name', setIdentity],
    ['fatal: name consists only of', setIdentity],
    ['fatal: no email was given and auto-detection is disabled', setIdentity],
    ['fatal: unable to auto-detect email', setIdentity],
    [
      'error: insufficient permission for adding an object to repository database .git/objects',
      'give this user write access to .git/objects and all that is in it',
    ],
    ['fatal: write error: No space left on device', makeRoom],
    ['error: unable to write file: Disk quota exceeded', makeRoom],
    ['fatal: cannot create it: Read-only file system', makeRoom],
    ['fatal: could not fetch 0123456789 from promisor remote', fetchAgain],
    ['error: 0123456789 is missing from promisor remote', fetchAgain],
  ])('%s', (said, cure) => {
    const cause = said.replace(/^\w+: /, '')
    expect(gitTrouble(said)).toEqual({ cause, cure })
    expect(gitTrouble(`$ git status\n${said}\nhint: more\n`)).toEqual({ cause, cure })
    expect(cureOf(`the host failed: ${said}`)).toBe(`; ${cure}`)
  })

  it.each([
    ['fatal: unknown repository extension found:\n\tfoo\n', 'unknown repository extension found: foo', 'foo'],
    ['fatal: unknown repository extensions found:\n\tbar\n\tfoo\n', 'unknown repository extensions found: bar', 'bar'],
  ])('%j', (said, cause, name) => {
    expect(gitTrouble(said)).toEqual({ cause, cure: newerGit(`the extension ${name}`) })
  })

  it('that it does not know who commits', () => {
    const said = '\n*** Please tell me who you are.\n\nRun\n\n  git config --global user.email "you@example.com"\n'
    expect(gitTrouble(said)).toEqual({ cause: 'Please tell me who you are', cure: setIdentity })
  })

  it.each([
    '',
    'fatal: not a git repository (or any of the parent directories): .git',
    "fatal: unable to access 'https://example.invalid/r.git/': Could not resolve host: example.invalid",
    "error: pathspec 'a' did not match any file(s) known to git",
    'No space left on device',
  ])('is not known: %j', said => {
    expect(gitTrouble(said)).toBeNull()
    expect(cureOf(said)).toBe('')
  })

  it('is the first error known, whatever follows', () => {
    expect(gitTrouble("error: bad config line 1 in file a\nfatal: bad config variable 'b.c'")?.cause).toBe(
      'bad config line 1 in file a',
    )
  })

  it('keeps the prefixes that git quotes, and no control characters', () => {
    const said = "fatal: detected dubious ownership in repository at '/r/fatal: \u001b[31m*** 'x'"
    expect(gitTrouble(said)).toEqual({
      cause: "detected dubious ownership in repository at '/r/fatal: *** 'x'",
      cure: `if you trust it: git config --global --add safe.directory '/r/fatal: *** '\\''x'`,
    })
  })
})
