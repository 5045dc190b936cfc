import { z } from 'zod'

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

const bannedFlags = [
  '--full-auto',
  '--yolo',
  '--dangerously-bypass-approvals-and-sandbox',
  '--dangerously-skip-permissions',
]

/** The host searches every value for these as substrings, case-blind: `monkey-runner` is refused. */
const secretWords = /token|secret|key|password|credential/i

/** Why the host would answer POLICY_VALIDATION_FAILED, or null. */
export function policyProblem(policy: Policy): string | null {
  for (const [field, value] of Object.entries(policy)) {
    for (const text of [value ?? ''].flat()) {
      const word = secretWords.exec(text)?.[0]
      if (word !== undefined) return `policy.${field} contains "${word}", which the host takes for a secret: ${text}`
    }
  }
  const banned = policy.dangerous_flags.find(flag => bannedFlags.includes(flag))
  return banned === undefined ? null : `policy.dangerous_flags contains ${banned}, which the host never accepts`
}
