import { laneBranch } from '../../src/self-test/place.ts'

/** What values may name: they lie beside the scratch repository. */
export interface Files {
  /** A program that records that it ran, and passes its input on. */
  readonly marker: string
  /** A configuration with much that changes output. */
  readonly included: string
  /** An attributes file with drivers for every path. */
  readonly attributes: string
  /** A folder whose every hook is the marker. */
  readonly hooks: string
  readonly text: string
}

const flags = ['true', 'false']
const numbers = ['0', '1', '100000']
const colours = ['red', '#ff0000', 'bold blue']

/** git's commands that we call. */
const commands = [
  ...['add', 'checkout', 'clean', 'commit', 'commit-tree', 'diff', 'for-each-ref', 'hash-object', 'log', 'ls-files'],
  ...['ls-tree', 'merge-base', 'read-tree', 'rebase', 'reset', 'rev-list', 'rev-parse', 'show', 'status'],
  ...['symbolic-ref', 'update-ref', 'worktree', 'write-tree', 'cat-file', 'config', 'ls-remote', 'merge-tree'],
]

/** Names for `<name>`, `<driver>` and the like that mean something in the scratch repository. */
function names(key: string): readonly string[] {
  const section = key.split('.')[0]
  if (key === 'alias.*') return commands.map(command => `alias.${command}`)
  if (key === 'pager.<cmd>') return commands.map(command => `pager.${command}`)
  if (key === 'includeIf.<condition>.path')
    return ['gitdir:**', `onbranch:${laneBranch}`].map(c => `includeIf.${c}.path`)
  if (key === 'url.<base>.insteadOf') return ['url./nowhere/.insteadOf']
  if (key.startsWith('gpg.<format>')) return ['openpgp', 'ssh', 'x509'].map(format => key.replace('<format>', format))
  if (key.startsWith('pretty.')) return ['pretty.oneline', 'pretty.medium', 'pretty.x']
  const chosen: Record<string, readonly string[]> = {
    branch: [laneBranch, 'main'],
    remote: ['origin'],
    protocol: ['file'],
    maintenance: ['gc', 'commit-graph'],
    notes: ['amend', 'rebase'],
    hook: ['x'],
  }
  return (chosen[section ?? ''] ?? ['drv']).map(name => key.replace(/<[^>]+>|\*/g, name))
}

/** Where true, false and small numbers are no values. */
const special: readonly (readonly [RegExp, (files: Files) => readonly string[]])[] = [
  [/^advice\.|^core\.quotePath$|cachetextconv$|^color\.pager$/, () => flags],
  [/^push\.default$/, () => ['nothing', 'matching', 'current']],
  [/^alias\./, ({ marker }) => [`!${marker}`, 'status --short']],
  [/^pager\./, ({ marker }) => ['true', marker]],
  [/^include(?:If\..*)?\.path$/i, ({ included }) => [included]],
  [
    /^color\.(?:ui|diff|status|branch|grep|interactive|showBranch|push|remote|transport|advice|pager)$/,
    () => ['always', 'auto', 'never'],
  ],
  [/^color\./, () => colours],
  [/^column\./, () => ['always', 'column dense', 'never']],
  [/^core\.abbrev$/, () => ['4', '40', 'no', 'auto']],
  [/^core\.attributesFile$/, ({ attributes }) => [attributes]],
  [/^core\.excludesFile$/, ({ text }) => [text]],
  [/^core\.autocrlf$/, () => ['true', 'input', 'false']],
  [/^core\.safecrlf$/, () => ['true', 'warn', 'false']],
  [/^core\.eol$/, () => ['crlf', 'lf', 'native']],
  [/^core\.checkStat$/, () => ['minimal', 'default']],
  [/^core\.comment(?:Char|String)$/, () => ['%', 'W', 'auto']],
  [/^core\.createObject$/, () => ['rename', 'link']],
  [/^core\.fsmonitor$/, ({ marker }) => ['true', marker]],
  [/^core\.fsmonitorHookVersion$/, () => ['1', '2']],
  [/^core\.fsync$/, () => ['all', 'none', 'loose-object']],
  [/^core\.fsyncMethod$/, () => ['fsync', 'writeout-only', 'batch']],
  [/^core\.hideDotFiles$/, () => ['dotGitOnly', 'true', 'false']],
  [/^core\.hooksPath$/, ({ hooks }) => [hooks]],
  [/^core\.logAllRefUpdates$/, () => ['always', 'false', 'true']],
  [/^core\.sharedRepository$/, () => ['group', 'all', '0660', 'umask']],
  [/^core\.untrackedCache$/, () => ['keep', 'true', 'false']],
  [/^core\.whitespace$/, () => ['cr-at-eol,tab-in-indent', '-trailing-space']],
  [/^core\.notesRef$/, () => ['refs/notes/other', 'refs/heads/main']],
  [/^core\.repositoryFormatVersion$/, () => ['0', '1']],
  [/^core\.worktree$/, () => ['/nowhere', '..']],
  [/^core\.(?:packedRefsTimeout|filesRefLockTimeout)$/, () => ['0', '-1', '100']],
  [/^(?:core|pack)\.(?:compression|looseCompression)$/, () => ['-1', '0', '9']],
  [/^commit\.cleanup$/, () => ['strip', 'whitespace', 'verbatim', 'scissors', 'default']],
  [/^commit\.(?:verbose)$/, () => ['true', '2']],
  [/^commit\.template$/, ({ text }) => [text]],
  [/^diff\.algorithm$/, () => ['patience', 'minimal', 'histogram']],
  [/^diff\.colorMoved$/, () => ['zebra', 'plain', 'dimmed-zebra', 'true']],
  [/^diff\.colorMovedWS$/, () => ['ignore-all-space', 'no']],
  [/^diff\.dirstat$/, () => ['files,10,cumulative', 'lines']],
  [/^diff\.ignoreSubmodules$/, () => ['all', 'dirty', 'untracked']],
  [/^diff\.orderFile$/, ({ text }) => [text]],
  [/^diff\.(?:renames)$/, () => ['copies', 'false', 'true']],
  [/^diff\.submodule$/, () => ['log', 'diff', 'short']],
  [/^diff\.wordRegex$/, () => ['[a-z]+']],
  [/^diff\.wsErrorHighlight$/, () => ['all', 'none']],
  [/^diff\.drv\.(?:wordRegex|xfuncname)$/, () => ['^int .*$']],
  [/^diff\.drv\.algorithm$/, () => ['patience']],
  [/^diff\.drv\.binary$/, () => flags],
  [/^merge\.(?:conflictStyle)$/, () => ['diff3', 'zdiff3', 'merge']],
  [/^merge\.ff$|^pull\.ff$/, () => ['only', 'false', 'true']],
  [/^log\.date$|^blame\.date$/, () => ['relative', 'iso', 'unix', 'format:%Y']],
  [/^log\.decorate$/, () => ['full', 'short', 'no', 'auto']],
  [/^log\.diffMerges$/, () => ['first-parent', 'separate', 'combined']],
  [/^log\.graphColors$/, () => ['red,blue']],
  [/^format\.pretty$/, () => ['oneline', 'fuller', 'format:%h %s', 'raw']],
  [/^i18n\./, () => ['iso-8859-1', 'utf-8', 'utf-16']],
  [/^index\.version$/, () => ['2', '3', '4']],
  [/^grep\.patternType$/, () => ['perl', 'extended', 'fixed']],
  [/^gpg\.format$/, () => ['ssh', 'x509', 'openpgp']],
  [/^gpg\.minTrustLevel$/, () => ['ultimate', 'never']],
  [/^status\.showUntrackedFiles$/, () => ['no', 'all', 'normal']],
  [/^status\.(?:renames)$/, () => ['copies', 'false', 'true']],
  [/^submodule\..*ignore$/, () => ['all', 'none']],
  [/^submodule\..*update$/, () => ['none', 'rebase']],
  [/^safe\.directory$/, () => ['*', '/nowhere']],
  [/^safe\.bareRepository$/, () => ['explicit', 'all']],
  [/^protocol\..*allow$/, () => ['never', 'always', 'user']],
  [/^protocol\.version$/, () => ['0', '1', '2']],
  [/^(?:user|author|committer)\.(?:name|email)$/, () => ['Someone Else', '']],
  [/^user\.signingKey$/, () => ['ABCDEF']],
  [/^rebase\.backend$/, () => ['apply', 'merge']],
  [/^rebase\.missingCommitsCheck$/, () => ['error', 'warn']],
  [/^branch\.autoSetupMerge$/, () => ['always', 'inherit', 'simple', 'false']],
  [/^branch\.autoSetupRebase$/, () => ['always', 'never']],
  [/^branch\..*\.rebase$/, () => ['true', 'merges']],
  [/^branch\..*\.(?:remote|pushRemote)$/, () => ['.', 'nowhere']],
  [/^branch\..*\.merge$/, () => ['refs/heads/nothing', 'refs/heads/main']],
  [/^branch\..*\.mergeOptions$/, () => ['--squash', '--no-commit']],
  [/^(?:branch|tag)\.sort$/, () => ['-committerdate', '-version:refname']],
  [/^extensions\.objectFormat$/i, () => ['sha1']],
  [/^extensions\.refStorage$/i, () => ['files']],
  [/^extensions\.partialClone$/i, () => ['origin']],
  [/^remote\..*\.fetch$/, () => ['+refs/*:refs/*']],
  [
    /^(?:core\.(?:pager|editor|askPass|sshCommand|gitProxy|alternateRefsCommand)|sequence\.editor)$/,
    ({ marker }) => [marker, 'false'],
  ],
  [
    /(?:cmd|command|program|\.path|Path|pager|editor|askPass|helper|driver|textconv|clean|smudge|process|external|Hook|viewer|tunnel|vcs|receivepack|uploadpack|tool|browser|httpd)$/i,
    ({ marker }) => [marker],
  ],
  [/^transfer\.credentialsInUrl$/, () => ['warn', 'die']],
  [/^trace2\..*Target$/, ({ marker }) => [`${marker}.trace`, 'false']],
  [/^fsck\.|\.fsck\./, () => ['error', 'ignore']],
  [
    /(?:limit|size|depth|window|memory|threads?|auto|timeout\w*|level|Jobs|parallel|workers|context|width|expire\w*|percent\w*|nesting|maxFiles|max\w+|version|verbosity|length|thresh\w*)$/i,
    () => numbers,
  ],
]

export interface Candidate {
  readonly key: string
  readonly value: string | null
}

/** What `key` of `git help --config` may be set to. A value that is the default tests little, and costs as little. */
export function candidatesFor(key: string, files: Files): readonly Candidate[] {
  const keys = /[<*]/.test(key) ? names(key) : [key]
  return keys.flatMap(name => {
    const values = special.find(([pattern]) => pattern.test(name))?.[1](files) ?? flags
    return values.map(value => ({ key: name, value }))
  })
}

/** Settings that git has and `git help --config` does not list. */
export const unlisted = [
  ...['filter.drv.process', 'filter.drv.required', 'core.commentString', 'diff.drv.algorithm', 'diff.trustExitCode'],
  ...['diff.statNameWidth', 'merge.drv.driver', 'core.preferSymlinkRefs', 'commit.gpgSign', 'gc.autoDetach'],
  ...['maintenance.autoDetach', 'extensions.refStorage', 'extensions.partialClone', 'core.useBuiltinFSMonitor'],
]
