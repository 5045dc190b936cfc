import { join } from 'node:path'
import { z } from 'zod'
import { oneLine } from '../core/text.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { readHostAnswer } from '../host/answer/answer.ts'
import { callFailure } from '../host/answer/call-failure.ts'
import { hostEnvironment } from '../host/sharp-edges.ts'
import type { MakeCall } from '../host/warm/warm-host.ts'
import { type HostCall, runHostCall } from '../process/host-call.ts'
import { type PlannedWorkPackage, writePlanning } from './planning.ts'
import { commitEverything, makeRepository } from './repository.ts'

export interface Seed {
  /** Exists already, and is empty. */
  readonly dir: string
  /** The host's program: a name on PATH or an absolute path. */
  readonly host: string
  readonly slug: string
  readonly workPackages: readonly PlannedWorkPackage[]
  readonly branch?: string
  readonly topology?: 'coord' | 'lanes' | 'lanes_with_coord' | 'single_branch'
  /** Default: a process of its own for each call. */
  readonly makeCall?: MakeCall
}

/** What each change of the host needs with it, where no agent of a run makes the change. */
export const policy = JSON.stringify({
  orchestrator_id: 'sko-demo',
  orchestrator_version: '1',
  agent_family: 'none',
  approval_mode: 'manual',
  sandbox_mode: 'workspace_write',
  network_mode: 'none',
  dangerous_flags: [],
})

const specifyData = z.object({ mission_slug: z.string().regex(/^[a-z0-9][a-zA-Z0-9-]*$/) })
const tasksData = z.object({ result: z.literal('success') })

/** Makes a repository with one planned mission, using the host's own commands. Returns the mission's full slug. */
export async function seedMission(seed: Seed): Promise<{ readonly mission: string }> {
  const { dir, slug, branch = 'work' } = seed
  await makeRepository({ dir, branch, readme: `# ${slug}\n` })
  return planMission(seed)
}

/** Plans a mission in a repository that is set up for the host and has the mission's branch checked out. */
export async function planMission(seed: Seed): Promise<{ readonly mission: string }> {
  const { dir, host, slug, workPackages, topology = 'coord', makeCall } = seed
  const flags = ['--mission-type', 'software-dev', '--topology', topology]
  const { mission_slug: mission } = await call({ host, dir, verb: 'specify', slug, flags, data: specifyData, makeCall })
  const folder = join(dir, 'kitty-specs', mission)
  await writePlanning(folder, workPackages)
  await commitEverything(dir, 'Plan the mission')
  await call({ host, dir, verb: 'tasks', slug: mission, flags: [], data: tasksData, makeCall })
  return { mission }
}

interface Call<T> {
  readonly host: string
  readonly dir: string
  readonly verb: 'specify' | 'tasks'
  readonly slug: string
  readonly flags: readonly string[]
  readonly data: z.ZodType<T>
  readonly makeCall: MakeCall | undefined
}

async function call<T>({ host, dir, verb, slug, flags, data, makeCall }: Call<T>): Promise<T> {
  const args = ['orchestrator-api', verb, '--mission', slug, '--policy', policy, ...flags]
  const { exitCode, stdout, stderr } = await runHost(host, dir, args, makeCall)
  const answer = readHostAnswer({ name: verb, mutates: true, data }, exitCode, stdout, stderr)
  if (!answer.ok) throw seedingFailed(verb, answer.message)
  return answer.data
}

/** A host that hangs must not block the demo forever. */
const longestCallSeconds = 300
const longestAnswer = 10_000_000

/** Runs any command of the host. Returns its refusal; throws if it could not be run at all. */
export async function runHost(
  host: string,
  dir: string,
  args: readonly string[],
  makeCall: MakeCall = call => runHostCall(call),
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const call: HostCall = {
    file: host,
    args,
    cwd: dir,
    env: hostEnvironment(process.env, host, dir),
    timeoutSeconds: longestCallSeconds,
    maxBytes: longestAnswer,
  }
  const verb = args[1] ?? ''
  const result = await makeCall(call, true)
  if (result.kind === 'exited') return result
  throw seedingFailed(verb, callFailure(result, { program: host, name: verb, ...call }).message)
}

function seedingFailed(verb: string, message: string): OrchestratorError {
  return new OrchestratorError({
    code: 'seeding-failed',
    exitCode: exitCodes.host,
    message: `the mission could not be made, \`spec-kitty\` ${verb}: ${oneLine(message)}`,
    hint: 'try it without --host, so that the version of the host that the demo is made for is used',
  })
}
