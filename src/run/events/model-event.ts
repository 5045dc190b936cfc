import type { ModelSwap } from '../../core/agent/model-swap.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import { oneLine } from '../../core/text.ts'
import type { Role } from '../../core/work-package/work-package.ts'

/** Who really answers, and what the host's files ask for. */
export type ModelEvent = ModelSwapped | WpModelNotUsed | WpFieldNotUsed | HostAgentsNotUsed

/** Another model answered than was asked for, or than before. The attempt counts. Reported once per agent and pair. */
export interface ModelSwapped extends ModelSwap {
  readonly type: 'model-swapped'
  readonly wpId: WpId
  readonly agent: AgentId
  readonly role: Role
  readonly attempt: number
}

/** The frontmatter of the WP asks for a model that the agent is not started with. Its configured or own model is used. */
export interface WpModelNotUsed {
  readonly type: 'wp-model-not-used'
  readonly wpId: WpId
  readonly agent: AgentId
  readonly role: Role
  /** As written, bounded. */
  readonly model: string
  readonly reason: string
}

/** The frontmatter has a field about the agent that sko has no use for. Reported once per field. */
export interface WpFieldNotUsed {
  readonly type: 'wp-field-not-used'
  readonly wpId: WpId
  readonly field: string
  readonly value: string
}

/** `agents.available` of the host's `.kittify/config.yaml` is not used as a default, or not all of it. */
export interface HostAgentsNotUsed {
  readonly type: 'host-agents-not-used'
  readonly reason: string
}

export function describeModel(event: ModelEvent): string {
  switch (event.type) {
    case 'model-swapped': {
      const { wpId, role, agent, asked, before, answered } = event
      const how =
        asked === null
          ? `was answered by ${answered}, earlier ones by ${before} -> to ask for one: agents.settings.${agent}.model`
          : `asked for ${oneLine(asked, 100)}, but ${answered} answered -> it counts; check the plan and the CLI's own settings`
      return `warning: ${wpId}: the ${role} by ${agent} ${how}`
    }
    case 'wp-model-not-used':
      return `warning: ${event.wpId}: its model ${event.model} is not used for the ${event.role} by ${event.agent}: ${event.reason}`
    case 'wp-field-not-used':
      return `${event.wpId}: ${event.field} ${event.value} in its frontmatter does not choose the agent; agents.implementation and agents.review do`
    case 'host-agents-not-used':
      return `warning: .kittify/config.yaml: ${event.reason}`
  }
}
