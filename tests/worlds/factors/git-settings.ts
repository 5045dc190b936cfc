import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Level } from '../level.ts'

/** Name and value; `$PROGRAMS` is `support/programs`. */
type Setting = readonly [name: string, value: string]

/** Settings that change what git prints. */
const output: readonly Setting[] = [
  ['color.ui', 'always'],
  ['column.ui', 'always'],
  ['core.abbrev', '4'],
  ['core.quotePath', 'false'],
  ['diff.context', '0'],
  ['diff.external', '$PROGRAMS/prints-nothing'],
  ['diff.ignoreSubmodules', 'all'],
  ['diff.mnemonicPrefix', 'true'],
  ['diff.noprefix', 'true'],
  ['diff.renames', 'copies'],
  ['diff.submodule', 'log'],
  ['diff.wordRegex', '.'],
  ['format.pretty', 'fuller'],
  ['log.date', 'relative'],
  ['log.decorate', 'full'],
  ['log.showSignature', 'true'],
  ['status.branch', 'true'],
  ['status.relativePaths', 'false'],
  ['status.short', 'true'],
  ['status.showStash', 'true'],
  ['status.showUntrackedFiles', 'no'],
]

/** Settings that make git run a program. */
const programs: readonly Setting[] = [
  ['core.editor', '$PROGRAMS/fails'],
  ['core.fsmonitor', '$PROGRAMS/monitors'],
  ['core.pager', '$PROGRAMS/fails'],
  ['credential.helper', '$PROGRAMS/fails'],
  ['commit.gpgsign', 'true'],
  ['gpg.program', '$PROGRAMS/signs'],
  ['sequence.editor', '$PROGRAMS/fails'],
]

/** Settings that make git refuse, or do more or less than it does by default. */
const behaviour: readonly Setting[] = [
  ['apply.whitespace', 'error'],
  ['branch.autoSetupMerge', 'always'],
  ['clean.requireForce', 'true'],
  ['commit.status', 'false'],
  ['commit.verbose', 'true'],
  ['core.checkStat', 'minimal'],
  ['core.logAllRefUpdates', 'false'],
  ['core.sharedRepository', 'group'],
  ['core.trustctime', 'false'],
  ['core.untrackedCache', 'true'],
  ['core.whitespace', 'tab-in-indent,cr-at-eol'],
  ['feature.manyFiles', 'true'],
  ['fetch.fsckObjects', 'true'],
  ['index.threads', '1'],
  ['merge.conflictStyle', 'zdiff3'],
  ['merge.stat', 'false'],
  ['protocol.file.allow', 'never'],
  ['pull.rebase', 'true'],
  ['push.default', 'nothing'],
  ['rebase.autoStash', 'true'],
  ['rerere.enabled', 'true'],
  ['safe.bareRepository', 'explicit'],
  ['submodule.recurse', 'true'],
  ['transfer.fsckObjects', 'true'],
  ['user.useConfigOnly', 'true'],
]

/** Settings that change the bytes of files between the worktree and the objects. */
const bytes: readonly Setting[] = [
  ['core.autocrlf', 'input'],
  ['core.eol', 'lf'],
  ['core.safecrlf', 'true'],
  ['i18n.commitEncoding', 'ISO-8859-1'],
  ['i18n.logOutputEncoding', 'UTF-16'],
]

/** Each group at once, and each setting alone. */
export const gitSettings: readonly Level[] = [
  { name: 'none', quick: true },
  { ...levelOf('output', output), quick: true },
  { ...levelOf('behaviour', behaviour), quick: true },
  levelOf('programs', programs),
  levelOf('bytes', bytes),
  ...[...output, ...behaviour, ...programs, ...bytes].map(setting => levelOf(setting[0], [setting])),
]

/** The cover of all levels has them in groups. */
export const settingsAlone: readonly string[] = gitSettings.slice(5).map(({ name }) => name)

function levelOf(name: string, settings: readonly Setting[]): Level {
  return {
    name,
    arrange: async ({ folder, env }) => {
      const lines = settings.map(([key, value]) => {
        const dot = key.lastIndexOf('.')
        return `[${key.slice(0, dot)}]\n\t${key.slice(dot + 1)} = ${value.replace('$PROGRAMS', env.WORLD_PROGRAMS ?? '')}\n`
      })
      await appendFile(join(folder, 'home', '.gitconfig'), lines.join(''))
    },
  }
}
