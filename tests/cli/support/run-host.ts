import { execa } from 'execa'
import { patienceMs } from '../../patience.ts'
import type { FakeMission } from './fake-mission.ts'

export interface HostAnswer {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** One call of the fake host, without our client in between. */
export async function runHost(
  mission: FakeMission,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs?: number } = {},
): Promise<HostAnswer> {
  const result = await execa(mission.hostCommand, args, {
    cwd: options.cwd ?? mission.repo,
    env: { ...mission.env, SKO_REPO: mission.repo },
    timeout: options.timeoutMs ?? patienceMs,
    reject: false,
  })
  return {
    exitCode: result.exitCode ?? null,
    signal: result.signal ?? null,
    stdout: result.stdout,
    stderr: result.stderr,
  }
}

const policy = JSON.stringify({
  orchestrator_id: 'orch',
  orchestrator_version: '0.1.0',
  agent_family: 'claude',
  approval_mode: 'full_auto',
  sandbox_mode: 'workspace_write',
  network_mode: 'none',
  dangerous_flags: [],
})

/** `orchestrator-api <verb>` on the mission, with the WP, an actor and a policy where the verb takes them. */
export function callOf(mission: FakeMission, verb: string, wp: string, ...more: readonly string[]): readonly string[] {
  const common = ['orchestrator-api', verb, '--mission', mission.slug, '--wp', wp, '--actor', 'o']
  return [...common, ...(verb === 'append-history' ? [] : ['--policy', policy]), ...more]
}
