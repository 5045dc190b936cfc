import { z } from 'zod'
import { forbiddenFlags } from '../../core/agent/forbidden-flags.ts'

/** The `--policy` JSON: true facts of the agent's argv, see `policyProblem` for what the host refuses. */
export const policySchema = z
  .object({
    orchestrator_id: z.string(),
    orchestrator_version: z.string(),
    agent_family: z.string(),
    approval_mode: z.string(),
    sandbox_mode: z.string(),
    network_mode: z.string(),
    dangerous_flags: z.array(z.string()).readonly(),
    tool_restrictions: z.string().nullable(),
  })
  .readonly()

export type Policy = z.infer<typeof policySchema>

/**
 * The word for which the host refuses a value, or null. The host also finds it inside other words and in any case:
 * `monkey-runner` is refused.
 */
export function refusedWordIn(text: string): string | null {
  return /token|secret|key|password|credential/i.exec(text)?.[0] ?? null
}

/** Why the host would answer POLICY_VALIDATION_FAILED, or null. */
export function policyProblem(policy: Policy): string | null {
  for (const [field, value] of Object.entries(policy)) {
    for (const text of [value ?? ''].flat()) {
      const word = refusedWordIn(text)
      if (word !== null) return `policy.${field} contains "${word}", which the host takes for a secret: ${text}`
    }
  }
  const banned = policy.dangerous_flags.find(flag => forbiddenFlags.some(forbidden => forbidden === flag))
  return banned === undefined ? null : `policy.dangerous_flags contains ${banned}, which the host never accepts`
}
