import * as z from 'zod'
import { roles } from '../core/work-package/work-package.ts'
import { customAgent } from './custom-section.ts'
import {
  agentArguments,
  agentId,
  agentIdKey,
  agentIdList,
  environment,
  mapping,
  seconds,
  section,
  wholeNumber,
  word,
} from './values.ts'

const rolesTaken = z
  .array(z.enum(roles))
  .min(1)
  .refine(list => new Set(list).size === list.length, 'a role is listed twice')

const ofRole = section({
  model: word.nullable().default(null).describe("null: the agent's model for both roles"),
  args: agentArguments.default([]).describe("After the agent's arguments for both roles"),
  env: environment,
})

const settings = section({
  enabled: z.boolean().default(true),
  roles: rolesTaken.default([...roles]),
  priority: wholeNumber(0, 1000).default(0).describe('Higher goes first; equal ones keep the order of the lists'),
  max_concurrent: wholeNumber(1, 64).nullable().default(null).describe('null: only max_concurrent_wps limits it'),
  timeout_seconds: seconds.nullable().default(null).describe('null: agents.timeout_seconds'),
  model: word.nullable().default(null).describe("null: the agent's own choice"),
  args: agentArguments.default([]),
  env: environment,
  implementation: ofRole.describe('What differs for this role'),
  review: ofRole.describe('What differs for this role'),
})

export const agentsSection = section({
  implementation: agentIdList.prefault(['claude-code', 'codex']).describe('In order of preference'),
  review: agentIdList.prefault(['codex', 'claude-code']).describe('In order of preference'),
  max_retries: wholeNumber(0, 20).default(2).describe('Retries of one role on one WP by one agent'),
  timeout_seconds: seconds.default(3600).describe('One attempt'),
  inactivity_seconds: seconds
    .default(900)
    .describe(
      'Time without output, processor time or writes in the worktree: warns at half, stops the attempt at this',
    ),
  max_log_mb: wholeNumber(1, 1_048_576)
    .default(2048)
    .describe('Limit for the output of one attempt, in MiB; above it, the attempt is stopped'),
  single_agent_mode: z
    .union([z.literal(false), z.strictObject({ agent: agentId, delay_seconds: wholeNumber(0, 86_400).default(60) })], {
      error: 'expected false or a mapping with agent and delay_seconds',
    })
    .default(false)
    .describe('One agent takes both roles; its review starts this long after the work'),
  fallback_strategy: z.enum(['next_in_list', 'same_agent', 'fail']).default('next_in_list'),
  settings: byAgentId(settings),
  custom: byAgentId(customAgent),
})

function byAgentId<Value extends z.ZodType>(value: Value) {
  return mapping(agentIdKey, value)
}
