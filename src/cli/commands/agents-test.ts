import { randomBytes } from 'node:crypto'
import type { Check } from '../../agent-trial/checks.ts'
import { makeScratch, removeScratch, type Scratch } from '../../agent-trial/scratch.ts'
import { type TrialResult, tryAgent } from '../../agent-trial/trial.ts'
import { type DetectedAgent, versionWarning } from '../../agents/detect/detect.ts'
import { nearestName } from '../../config/nearest.ts'
import { configSchema } from '../../config/schema.ts'
import { table } from '../../core/format.ts'
import { oneLine } from '../../core/text.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { oldestGit } from '../../git/version.ts'
import type { Agent } from '../../run/attempts/agent.ts'
import { listenForShutdown } from '../running/shutdown.ts'
import { jsonOf, lookAtAgents } from '../shared/look-at-agents.ts'
import { type Agents, openAgentsAnywhere } from '../shared/open-project.ts'
import { signInCell, versionCell } from '../terminal/agents-table.ts'
import { writeNote, writeOut } from '../terminal/output.ts'

interface AgentsTestOptions {
  readonly repoRoot?: string
  readonly json?: boolean
  readonly keep?: boolean
}

/** Runs one small implementation and its review with the real program, checked as in a run. This costs money. */
export async function agentsTestCommand(id: string, options: AgentsTestOptions): Promise<ExitCode> {
  const agents = await openAgentsAnywhere(options)
  const agent = known(id, agents)
  const program = installed(agent, agents)
  const say = (line: string) => (options.json ? undefined : writeOut(`${line}\n`))
  const note = options.json ? (line: string) => writeNote(`${line}\n`) : say
  const runId = `agents-test-${randomBytes(6).toString('hex')}`
  const shutdown = listenForShutdown(runId)
  shutdown.stopInOrder({ report: () => note('stopping the agent (again: stop at once)') })
  try {
    note(`This runs ${agent.id} twice, for a small implementation and its review, and costs a little money.`)
    const stopping = shutdown.signal
    const [detected] = await lookAtAgents([agent], 'version-and-sign-in', { ...agents, signal: stopping })
    if (!detected || stopping.aborted) return shutdown.exitCode() ?? exitCodes.needsPerson
    const scratch = await makeScratch().catch(error => {
      throw noScratch(error)
    })
    say(`${about(agent, detected, scratch)}\n`)
    const trial = { agent, program, config: agents.config ?? configSchema.parse({}), env: agents.env, runId }
    const result = await tryAgent({ ...trial, scratch, stopping }, check => say(line(check)))
    const ok = !result.interrupted && result.checks.every(({ held }) => held)
    const wanted = options.keep || (!ok && !result.interrupted)
    const kept = wanted || !(await removeScratch(scratch.folder)) ? scratch.folder : null
    say(`\n${conclusion(agent, result, ok, kept)}`)
    const attempts = result.attempts.map(attempt => ({ ...attempt, log: kept && attempt.log }))
    const json = { ...jsonOf(agent, detected), ok, ...result, attempts, folder: kept }
    if (options.json) writeOut(`${JSON.stringify(json)}\n`)
    return shutdown.exitCode() ?? (ok ? exitCodes.ok : exitCodes.needsPerson)
  } finally {
    shutdown.dispose()
  }
}

function about(agent: Agent, detected: DetectedAgent, scratch: Scratch): string {
  const warning = versionWarning(agent, detected)
  return [
    table([
      ['program', oneLine(detected.program ?? '')],
      ['version', versionCell(detected.version)],
      ['signed in', signInCell(detected.signedIn)],
      ['scratch', scratch.folder],
    ]),
    ...(warning ? [`warning: ${warning.message}`] : []),
  ].join('\n')
}

function line({ check, held, expected, observed }: Check): string {
  return `${held ? 'ok  ' : 'FAIL'} ${check}: expected: ${expected}; observed: ${observed}`
}

function conclusion(
  agent: Agent,
  { attempts, checks, interrupted }: TrialResult,
  ok: boolean,
  kept: string | null,
): string {
  const logs = attempts.map(({ role, log }) => `${role}: ${log}.out.log and .err.log`)
  const where = kept === null ? [] : [`Kept in ${kept}`, ...logs]
  if (interrupted) return ['It was stopped.', ...where].join('\n')
  const reviewed = checks.some(({ check }) => check === 'review')
  const unreviewed = agent.roles.includes('review')
    ? 'The review was not tried: the implementation left nothing to review.'
    : 'The review was not tried: this agent does implementations only.'
  const verdict = ok ? `${agent.id} does what a run needs.` : `${agent.id} does not do what a run needs.`
  return [...(reviewed ? [] : [unreviewed]), verdict, ...where].join('\n')
}

function known(id: string, { registry }: Agents): Agent {
  const agents = [...registry.values()]
  const found = agents.find(agent => agent.id === id)
  if (found) return found
  const names = agents.map(agent => agent.id)
  const programs = agents.flatMap(agent => agent.binaries)
  const owner = agents.find(agent => agent.binaries.some(name => name === nearestName(id, programs)))
  const nearest = nearestName(id, names) ?? owner?.id
  throw new OrchestratorError({
    code: 'agent-unknown',
    exitCode: exitCodes.usage,
    message: `there is no agent ${JSON.stringify(oneLine(id, 60))}`,
    hint: `${nearest ? `did you mean ${nearest}? ` : ''}known: ${names.join(', ')}`,
  })
}

function installed(agent: Agent, { findProgram, unavailable }: Agents): string {
  const program = findProgram(agent)
  if (program !== null) return program
  throw new OrchestratorError({
    code: 'agent-not-installed',
    exitCode: exitCodes.noAgent,
    message: `${agent.id} is ${oneLine(unavailable(agent) ?? 'not installed')}`,
    hint: 'install it and sign in with its own program; sko agents lists what is installed',
  })
}

function noScratch(error: unknown): OrchestratorError {
  return new OrchestratorError({
    code: 'no-scratch-repository',
    exitCode: exitCodes.usage,
    message: `cannot make a scratch repository: ${oneLine(error instanceof Error ? error.message : String(error))}`,
    hint: `git ${oldestGit} or newer has to be on PATH, and the temporary folder writable`,
  })
}
