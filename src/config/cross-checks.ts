import * as z from 'zod'
import { isAgentId } from '../core/ids.ts'
import { type Role, roles } from '../core/work-package/work-package.ts'
import type { Problem } from './describe-issue.ts'
import { modelProblems } from './model-checks.ts'
import { nearestName } from './nearest.ts'
import { configSchema } from './schema.ts'
import { isMapping, type KeyPath, showText, showValue } from './show.ts'

const defaults = configSchema.parse({})

/**
 * What the cross checks read. It accepts wrong values elsewhere, so that all problems are reported at once. A value
 * that is wrong itself is read as one that causes no further problem.
 */
const view = part({
  agents: part({
    implementation: idList(defaults.agents.implementation),
    review: idList(defaults.agents.review),
    settings: z.record(z.string(), z.unknown()).catch({}),
    custom: z.record(z.string(), z.unknown()).catch({}),
    single_agent_mode: z
      .object({ agent: z.string().refine(isAgentId) })
      .nullable()
      .catch(null)
      .default(null),
  }),
  review: part({ reviewer: z.string().catch(defaults.review.reviewer) }),
  checks: part({
    run: z.unknown().optional(),
    protect: z.unknown().optional(),
    also_base: z.unknown().optional(),
  }),
  finish: part({ merge: z.unknown().optional(), push: z.unknown().optional() }),
})

/** What `checks.also_base` needs. */
const needed = [
  ['protect', 'name the files there'],
  ['run', 'name the commands there'],
] as const

/** Finds values that are valid alone and invalid together. `builtIn`: ids of agents that need no `agents.custom`. */
export function crossCheck(config: unknown, builtIn: readonly string[]): readonly Problem[] {
  const { agents, review, checks, finish } = view.parse(config)
  // The schema reports invalid ids.
  const customIds = Object.keys(agents.custom).filter(isAgentId)
  const known: readonly string[] = [...builtIn, ...customIds.filter(id => !builtIn.includes(id))]
  const problems: Problem[] = []
  const named = (path: KeyPath, id: string | null) => {
    if (id !== null && isAgentId(id) && !known.includes(id)) problems.push({ path, text: unknownAgent(id, known) })
  }
  for (const [index, id] of agents.implementation.entries()) named(['agents', 'implementation', index], id)
  for (const [index, id] of agents.review.entries()) {
    const path = ['agents', 'review', index]
    named(path, id)
    if (id !== null && isAgentId(id) && !builtIn.includes(id) && cannotReview(agents.custom[id])) {
      problems.push({ path, text: `${showText(id)} cannot review: agents.custom.${id}.review is false` })
    }
  }
  for (const [id, settings] of Object.entries(agents.settings)) {
    const path = ['agents', 'settings', id]
    named(path, id)
    for (const role of roles.filter(role => saysSomething(settings, role))) {
      const why = reasonAgainst(role, settings, agents.custom[id])
      if (why !== null) problems.push({ path: [...path, role], text: `does nothing: ${why}` })
    }
  }
  for (const id of customIds.filter(custom => builtIn.includes(custom))) {
    problems.push({ path: ['agents', 'custom', id], text: 'the id of a built-in agent; choose another' })
  }
  for (const id of customIds.filter(custom => !builtIn.includes(custom))) {
    problems.push(...modelProblems(id, { custom: agents.custom[id], settings: agents.settings[id] }))
  }
  const single = agents.single_agent_mode?.agent ?? null
  if (single !== null) {
    const path = ['agents', 'single_agent_mode', 'agent']
    named(path, single)
    const why = known.includes(single) ? whyNotAlone(single, agents) : null
    if (why !== null) problems.push({ path, text: `${showText(single)} cannot do everything: ${why}` })
    if (review.reviewer === 'require_other') {
      const text = 'require_other needs a second agent, and agents.single_agent_mode is set: nothing could be reviewed'
      problems.push({ path: ['review', 'reviewer'], text })
    }
  }
  const ids = single === null ? [...agents.implementation, ...agents.review] : []
  if (review.reviewer === 'require_other' && ids.length > 0 && !ids.includes(null) && new Set(ids).size === 1) {
    const text = `require_other needs a second agent, and agents.implementation and agents.review name only ${showValue(ids[0])}: nothing could be reviewed`
    problems.push({ path: ['review', 'reviewer'], text })
  }
  for (const [other, what] of needed) {
    const given = checks[other] ?? []
    if (checks.also_base !== true || !Array.isArray(given) || given.length > 0) continue
    problems.push({ path: ['checks', 'also_base'], text: `does nothing without checks.${other}; ${what}` })
  }
  if (finish.push === true && (finish.merge === null || finish.merge === undefined)) {
    problems.push({
      path: ['finish', 'push'],
      text: 'does nothing without finish.merge; choose merge, squash or rebase there',
    })
  }
  return problems
}

/** Why the agent cannot take both roles; null: it can. */
function whyNotAlone(
  id: string,
  { settings, custom }: Pick<z.infer<typeof view>['agents'], 'settings' | 'custom'>,
): string | null {
  const own = settings[id]
  if (custom[id] !== undefined && cannotReview(custom[id])) return `agents.custom.${id}.review is false`
  if (isMapping(own) && own.enabled === false) return `agents.settings.${id}.enabled is false`
  const missing = roles.find(role => isMapping(own) && Array.isArray(own.roles) && !own.roles.includes(role))
  return missing ? `agents.settings.${id}.roles has no ${missing}` : null
}

function cannotReview(custom: unknown): boolean {
  return isMapping(custom) && (custom.review ?? false) === false
}

/** True if the settings contain anything for this role only. */
function saysSomething(settings: unknown, role: Role): boolean {
  const own = isMapping(settings) ? settings[role] : null
  const values = isMapping(own) ? Object.values(own) : []
  return values.some(value => (typeof value === 'object' && value ? Object.keys(value).length > 0 : value !== null))
}

/** Why the agent never takes the role; null: it may. */
function reasonAgainst(role: Role, settings: unknown, custom: unknown): string | null {
  if (role === 'review' && cannotReview(custom)) return 'review is false in agents.custom'
  const only = isMapping(settings) ? settings.roles : null
  return Array.isArray(only) && !only.includes(role) ? `the roles of this agent do not include ${role}` : null
}

function unknownAgent(id: string, known: readonly string[]): string {
  const nearest = nearestName(id, known)
  const question = nearest === null ? '' : ` did you mean ${nearest}?`
  return `unknown agent ${showText(id)};${question} known: ${known.join(', ')}`
}

function part<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(value => (isMapping(value) ? value : {}), z.object(shape))
}

function idList(standard: readonly string[]) {
  return z
    .array(z.string().nullable().catch(null))
    .default([...standard])
    .catch([])
}
