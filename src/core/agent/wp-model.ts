import { isRecord } from '../json.ts'
import { oneLine } from '../text.ts'
import type { Attempt, Role } from '../work-package/work-package.ts'
import { hostKeys } from './host-keys.ts'
import { isSwap } from './model-swap.ts'

/** What the frontmatter of a WP says about its agent; as written, not checked. */
export interface WpAsks {
  readonly agent: unknown
  readonly model: unknown
  readonly profile: unknown
  readonly role: unknown
}

/** In the host's words: `agent` is a tool, `tool:model:profile:role`, or a mapping; what it lacks is in the other fields. */
export function wpAsks(fields: Readonly<Record<string, unknown>>): WpAsks {
  const { agent } = fields
  const own: Readonly<Record<string, unknown>> = isRecord(agent)
    ? agent
    : typeof agent === 'string'
      ? Object.fromEntries(
          agent.split(':').map((part, index) => [['tool', 'model', 'profile_id', 'role'][index], part]),
        )
      : {}
  return {
    agent: own.tool || null,
    model: own.model || fields.model || null,
    profile: own.profile_id || fields.agent_profile || null,
    role: own.role || fields.role || null,
  }
}

/** The model of a WP is for its implementation, unless its role is the reviewer's. */
export function roleOfModel({ role }: Pick<WpAsks, 'role'>): Role {
  return role === 'reviewer' ? 'review' : 'implementation'
}

/** What a WP asks for that does not decide which agent does the work, or how: field and value. `agent`: the one that does it. */
export function fieldsWithoutUse(
  { agent: tool, profile, role }: WpAsks,
  agent: string,
): readonly (readonly [string, unknown])[] {
  const isKnown = typeof tool === 'string' && Object.hasOwn(hostKeys, tool)
  const fields: readonly (readonly [string, unknown])[] = [
    ['agent', isKnown && hostKeys[tool] !== agent ? tool : null],
    ['agent_profile', profile],
    ['role', role === 'implementer' || role === 'reviewer' ? null : role],
  ]
  return fields.filter(([, value]) => value !== null)
}

/** The model that a WP asks for, of one agent with its settings. */
export interface ModelQuestion {
  readonly wanted: unknown
  readonly agent: string
  readonly settings: { readonly model: string | null; readonly args: readonly string[] }
  /** Whether the CLI has models with this name; absent: it takes none from a WP. */
  readonly takesModel: ((model: string) => boolean) | undefined
  /** Of the WP so far. */
  readonly attempts: readonly Attempt[]
}

/** `refused`: why it is not used, as the end of "its model … is not used: …"; null for both: nothing is asked for. */
export type ModelAnswer =
  | { readonly use: string; readonly refused: null }
  | { readonly use: null; readonly refused: string | null }

const nothing: ModelAnswer = { use: null, refused: null }

/** Our configuration comes first. The name becomes an argument, so only harmless characters are allowed. */
export function modelOfWp({ wanted, agent, settings, takesModel, attempts }: ModelQuestion): ModelAnswer {
  if (wanted === null || wanted === 'unknown-model') return nothing
  const refused = (reason: string): ModelAnswer => ({ use: null, refused: reason })
  if (typeof wanted !== 'string' || !isModelArgument(wanted)) return refused('it is not the name of a model')
  const configured = settings.model
  if (configured !== null) {
    return isSwap(configured, wanted)
      ? refused(`agents.settings.${agent} asks for ${oneLine(configured, 100)}`)
      : nothing
  }
  if (settings.args.some(arg => /^(?:-m|--model)(?:=|$)/.test(arg))) {
    return refused(`the arguments in agents.settings.${agent} name a model`)
  }
  if (takesModel === undefined) return refused(`${agent} takes no model from a work package`)
  if (!takesModel(wanted)) return refused(`${agent} has no model of this name`)
  const failed = attempts.find(attempt => hasFailed(attempt, agent, wanted))
  return failed ? refused(`${agent} could not use it in attempt ${failed.number}`) : { use: wanted, refused: null }
}

/** As it is shown when it is not used. */
export function shownValue(wanted: unknown): string {
  if (typeof wanted === 'object') return Array.isArray(wanted) ? '(a list)' : '(a mapping)'
  return oneLine(String(wanted), 60)
}

function isModelArgument(name: string): boolean {
  return /^[A-Za-z0-9][\w.:/@+~[\]-]{0,99}$/.test(name)
}

/** An unknown model ends most CLIs with an error about their invocation, which the run counts as one of the agent. */
function hasFailed({ agent, wpModel, configuredModel, result }: Attempt, by: string, model: string): boolean {
  const isSame = agent === by && wpModel === true && configuredModel === model
  return isSame && result?.kind === 'failed' && result.failure.class === 'agent-error'
}
