import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { isWpId } from '../../src/core/ids.ts'
import { lanes } from '../../src/core/mission/lane.ts'
import { hostCommands } from '../../src/run/host/commands.ts'
import { evidenceSchema, reviewResultSchema } from '../../src/run/host/input.ts'
import { policySchema } from '../../src/run/host/policy.ts'

const { contractVersion, missionState, listReady, resolveWorkspace, startImplementation } = hostCommands
const { startReview, transition, appendHistory, acceptMission, mergeMission } = hostCommands

/** Members that the host can do without and that we always send. */
const always: Readonly<Record<string, object>> = {
  '--policy': { tool_restrictions: null },
  '--evidence-json': { repos: [] },
}

const policy = json('--policy', policySchema)
const evidence = json('--evidence-json', evidenceSchema)
const reviewResult = json('--review-result-json', reviewResultSchema)

const mission = { '--mission': z.string() }
const wp = { ...mission, '--wp': z.custom<string>(value => typeof value === 'string' && isWpId(value)).refine(isWpId) }
const acting = { '--actor': z.string() }
const reviewRef = { '--review-ref': z.string().optional() }

/** Per command: recorded flags -> the argv that we build for them, or null for flags we never send. */
export const rebuilt: Readonly<Record<string, (flags: readonly string[]) => readonly string[] | null>> = {
  'contract-version': builder(z.strictObject({}), () => contractVersion.args({}, '')),
  'mission-state': builder(z.strictObject(mission), flags => missionState.args({ mission: flags['--mission'] }, '')),
  'list-ready': builder(z.strictObject(mission), flags => listReady.args({ mission: flags['--mission'] }, '')),
  'resolve-workspace': builder(z.strictObject(wp), flags => resolveWorkspace.args(wpInput(flags), '')),
  'start-implementation': builder(z.strictObject({ ...wp, ...acting, '--policy': policy }), flags =>
    startImplementation.args({ ...wpInput(flags), policy: flags['--policy'] }, flags['--actor']),
  ),
  'start-review': builder(z.strictObject({ ...wp, ...acting, '--policy': policy, ...reviewRef }), flags =>
    startReview.args(
      { ...wpInput(flags), policy: flags['--policy'], ...given('reviewRef', flags['--review-ref']) },
      flags['--actor'],
    ),
  ),
  transition: builder(
    z.strictObject({
      ...wp,
      '--to': z.enum(lanes),
      ...acting,
      '--policy': policy.optional(),
      '--review-result-json': reviewResult.optional(),
      '--evidence-json': evidence.optional(),
      ...reviewRef,
      '--note': z.string().optional(),
    }),
    flags =>
      transition.args(
        {
          ...wpInput(flags),
          to: flags['--to'],
          ...given('policy', flags['--policy']),
          ...given('reviewResult', flags['--review-result-json']),
          ...given('evidence', flags['--evidence-json']),
          ...given('reviewRef', flags['--review-ref']),
          ...given('note', flags['--note']),
        },
        flags['--actor'],
      ),
  ),
  'append-history': builder(z.strictObject({ ...wp, ...acting, '--note': z.string() }), flags =>
    appendHistory.args({ ...wpInput(flags), note: flags['--note'] }, flags['--actor']),
  ),
  'accept-mission': builder(z.strictObject({ ...mission, ...acting }), flags =>
    acceptMission.args({ mission: flags['--mission'] }, flags['--actor']),
  ),
  'merge-mission': builder(
    z.strictObject({
      ...mission,
      '--strategy': z.enum(['merge', 'squash', 'rebase']).optional(),
      '--push': z.literal(true).optional(),
    }),
    flags =>
      mergeMission.args(
        {
          mission: flags['--mission'],
          ...given('strategy', flags['--strategy']),
          ...given('push', flags['--push']),
        },
        '',
      ),
  ),
}

/** Flags by name, JSON values decoded: the host minds neither the order of flags nor blanks in JSON. */
export function comparable(args: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(flagsOf(args)).map(([name, value]) => [
      name,
      name === '--policy' || name.endsWith('-json') ? decode(name, String(value)) : value,
    ]),
  )
}

/** Valid only with exactly the members that we know: others we never send. */
function json<T>(flag: string, schema: z.ZodType<T>): z.ZodType<T> {
  return z.string().transform((text, context) => {
    const value = decode(flag, text)
    const parsed = schema.safeParse(value)
    if (parsed.success && isDeepStrictEqual(parsed.data, value)) return parsed.data
    context.addIssue('never sent')
    return z.NEVER
  })
}

function decode(flag: string, text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...always[flag], ...value } : value
}

function builder<T>(schema: z.ZodType<T>, args: (flags: T) => readonly string[]) {
  return (recorded: readonly string[]): readonly string[] | null => {
    const flags = schema.safeParse(flagsOf(recorded))
    return flags.success ? args(flags.data) : null
  }
}

function flagsOf(args: readonly string[]): Readonly<Record<string, string | true>> {
  const flags: Record<string, string | true> = {}
  for (let index = 0; index < args.length; index++) {
    const name = args[index] ?? ''
    const value = args[index + 1]
    if (name === '--push' || value === undefined) flags[name] = true
    else {
      flags[name] = value
      index++
    }
  }
  return flags
}

function wpInput<W>(flags: { '--mission': string; '--wp': W }): { mission: string; wpId: W } {
  return { mission: flags['--mission'], wpId: flags['--wp'] }
}

/** Under exactOptionalPropertyTypes an absent member is not one that is undefined. */
function given<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  const member: { [P in K]?: V } = {}
  if (value !== undefined) member[name] = value
  return member
}
