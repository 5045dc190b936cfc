import { type Command, Option } from 'commander'
import type { Override } from '../../config/overrides.ts'
import type { KeyPath } from '../../config/show.ts'
import type { WpId } from '../../core/ids.ts'
import { amount, collect, collectWp, type FlagValue, wholeNumber } from '../flag-values.ts'

/** A flag of `sko orchestrate` and `sko resume`. */
export interface RunFlag {
  /** As commander reads it: `--max-concurrent <n>`. */
  readonly flags: string
  /** For `--help` and docs/commands.md. */
  readonly meaning: string
  readonly value?: FlagValue
  /** The value of the configuration that it overrides. */
  readonly overrides?: KeyPath
  /** Only a new run takes it: `sko resume` continues with what the run began with. */
  readonly newRunOnly?: true
}

/** Each flag once: its option, its configuration value and its line in docs/commands.md come from here. */
export const runFlags: readonly RunFlag[] = [
  {
    flags: '--mission <slug>',
    meaning: 'the mission: its slug, its ULID, or another handle of the host',
    newRunOnly: true,
  },
  {
    flags: '--impl-agent <id>',
    meaning: 'agent for implementation; repeat in order of preference',
    value: collect,
    overrides: ['agents', 'implementation'],
  },
  {
    flags: '--review-agent <id>',
    meaning: 'agent for review; repeat in order of preference',
    value: collect,
    overrides: ['agents', 'review'],
  },
  {
    flags: '--max-concurrent <n>',
    meaning: 'work packages that run at the same time',
    value: wholeNumber,
    overrides: ['max_concurrent_wps'],
  },
  {
    flags: '--wp <id>',
    meaning: 'run only this work package and its dependencies; repeatable',
    value: collectWp,
    newRunOnly: true,
  },
  { flags: '--accept', meaning: 'accept the mission at the end (the default)', overrides: ['finish', 'accept'] },
  { flags: '--no-accept', meaning: 'do not accept the mission at the end', overrides: ['finish', 'accept'] },
  {
    flags: '--merge [strategy]',
    meaning: 'merge at the end: merge, squash or rebase; alone: as the host is set',
    overrides: ['finish', 'merge'],
  },
  {
    flags: '--push',
    meaning: 'push the target branch after the merge (default: finish.push)',
    overrides: ['finish', 'push'],
  },
  { flags: '--no-push', meaning: 'do not push', overrides: ['finish', 'push'] },
  {
    flags: '--sign <key>',
    meaning: 'sign the record of the merge: a PEM file, ssh:<path>, or keyless',
    overrides: ['record', 'sign'],
  },
  {
    flags: '--budget-usd <n>',
    meaning: 'stop starting attempts once the run has cost this many dollars; exit 6',
    value: amount,
    overrides: ['budget', 'usd'],
  },
  {
    flags: '--budget-tokens <n>',
    meaning: 'the same for tokens, input and output',
    value: amount,
    overrides: ['budget', 'tokens'],
  },
  {
    flags: '--budget-seconds <n>',
    meaning: 'the same for the running time, over all resumes',
    value: amount,
    overrides: ['budget', 'wall_clock_seconds'],
  },
  {
    flags: '--wp-budget-usd <n>',
    meaning: 'the same ceiling in dollars for each work package',
    value: amount,
    overrides: ['budget', 'work_package', 'usd'],
  },
  {
    flags: '--wp-budget-tokens <n>',
    meaning: 'the same in tokens',
    value: amount,
    overrides: ['budget', 'work_package', 'tokens'],
  },
  {
    flags: '--wp-budget-seconds <n>',
    meaning: 'the same for the time its agents run',
    value: amount,
    overrides: ['budget', 'work_package', 'wall_clock_seconds'],
  },
  {
    flags: '--actor <name>',
    meaning: 'the name under which the host records every call',
    overrides: ['actor'],
    newRunOnly: true,
  },
  {
    flags: '--config <file>',
    meaning: 'configuration (default: .kittify/orchestrator.yaml)',
    newRunOnly: true,
  },
  {
    flags: '--dry-run',
    meaning: 'show the plan and the result of every check, and move no lane',
    newRunOnly: true,
  },
  { flags: '--json', meaning: 'print events as NDJSON on stdout, and nothing else' },
  { flags: '--plain', meaning: 'print plain lines even on a terminal' },
  { flags: '--no-caffeinate', meaning: 'do not keep the machine awake' },
]

/** The flags that commands read themselves; absent means not given. The others override the configuration. */
export interface RunFlags {
  readonly repoRoot?: string
  readonly mission?: string
  readonly config?: string
  readonly wp?: readonly WpId[]
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly plain?: boolean
  readonly caffeinate: boolean
}

export function addRunFlags(command: Command, run: 'new' | 'resumed'): Command {
  for (const flag of runFlags) if (run === 'new' || !flag.newRunOnly) command.addOption(optionOf(flag))
  return command
}

function optionOf({ flags, meaning, value }: RunFlag): Option {
  const option = new Option(flags, meaning)
  return value === undefined ? option : option.argParser(value)
}

/** The overrides among all options that commander parsed. */
export function overridesOf(options: object): readonly Override[] {
  const given = new Map<string, unknown>(Object.entries(options))
  return runFlags.flatMap(row => {
    const option = new Option(row.flags)
    const value = given.get(option.attributeName())
    // Commander has one option for `--push` and `--no-push`: take the row that was given.
    const isOther = typeof value === 'boolean' && value === option.negate
    if (row.overrides === undefined || value === undefined || isOther) return []
    return [{ flag: option.long ?? row.flags, path: row.overrides, value }]
  })
}
