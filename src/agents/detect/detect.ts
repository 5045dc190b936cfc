import pLimit from 'p-limit'
import type { AgentId } from '../../core/ids.ts'
import { quote, withoutEscapes } from '../../core/text.ts'
import { type Answer, type Inquiry, openInquiry } from '../../process/inquiry.ts'
import type { Agent } from '../../run/attempts/agent.ts'
import type { AgentUntested } from '../../run/events/trouble-event.ts'
import { isBuiltIn } from '../registry.ts'
import { findBinary } from './find-binary.ts'
import { lookForSignIn, type SignedIn } from './sign-in.ts'
import { isInTestedRange, testedRange, versionIn } from './version-range.ts'

/** What is known about one agent on this machine, found without cost. */
export interface DetectedAgent {
  readonly id: AgentId
  /** Absolute path; null: not installed. */
  readonly program: string | null
  readonly version: FoundVersion
  readonly signedIn: SignedIn
}

export type FoundVersion =
  | { readonly kind: 'known'; readonly version: string; readonly status: TestedStatus }
  /** Its answer contains no version. */
  | { readonly kind: 'unknown'; readonly said: string }
  /** `reason` continues "it …". */
  | { readonly kind: 'no-answer'; readonly reason: string }
  /** It is not installed, or we know no way to ask. */
  | { readonly kind: 'not-asked' }

/** `own`: an agent from the user's configuration, of which no version is expected. */
export type TestedStatus = 'tested' | 'outside' | 'never-run' | 'own'

export interface DetectOptions {
  readonly env: Readonly<NodeJS.ProcessEnv>
  /** Exists. */
  readonly home: string
  /** Variables that the configuration sets for an agent. */
  readonly ownEnv: (agent: Agent) => Readonly<Record<string, string>>
  /** If aborted, the remaining agents are not asked. */
  readonly signal?: AbortSignal
  readonly timeoutSeconds?: number
}

/** Checking the sign-in starts the program a second time. */
export type Aspect = 'version' | 'version-and-sign-in'

/**
 * Gemini's `--version` takes 3.5 s of processor time: 4 s on an idle machine, 12 to 22 s when ten programs share two
 * cores.
 */
const standardTimeoutSeconds = 20
const atOnce = 4

/** Runs several at a time and returns results in the given order. Never throws: failures are part of the results. */
export async function detectAgents(
  agents: readonly Agent[],
  aspect: Aspect,
  around: DetectOptions,
): Promise<readonly DetectedAgent[]> {
  const { env, home: cwd, signal, timeoutSeconds = standardTimeoutSeconds } = around
  const inquiry = openInquiry({ env, cwd, timeoutSeconds, ...(signal ? { signal } : {}) })
  const limit = pLimit(atOnce)
  try {
    return await Promise.all(agents.map(agent => limit(() => detectAgent(agent, aspect, around, inquiry))))
  } finally {
    await inquiry.close()
  }
}

async function detectAgent(
  agent: Agent,
  aspect: Aspect,
  around: DetectOptions,
  inquiry: Inquiry,
): Promise<DetectedAgent> {
  const { id, detection } = agent
  const { signIn, versionArgs } = detection
  const program = findBinary(agent, around.env.PATH ?? '')
  const unasked: DetectedAgent = {
    id,
    program,
    version: { kind: 'not-asked' },
    signedIn: { answer: 'unknown', sign: null },
  }
  if (program === null) return unasked
  const ownEnv = around.ownEnv(agent)
  const asking = (args: readonly string[] | null) => args && (() => inquiry.ask({ file: program, args, env: ownEnv }))
  const askVersion = asking(versionArgs)
  const version = askVersion ? readVersion(await askVersion(), agent) : unasked.version
  if (aspect === 'version') return { ...unasked, version }
  const signs = { env: { ...around.env, ...ownEnv }, home: around.home }
  return { ...unasked, version, signedIn: await lookForSignIn(signIn, signs, asking(signIn.statusArgs)) }
}

function readVersion(answer: Answer, agent: Agent): FoundVersion {
  if (answer.kind === 'none') return { kind: 'no-answer', reason: answer.reason }
  const stdout = withoutEscapes(answer.stdout)
  const stderr = withoutEscapes(answer.stderr)
  const said = quote(stdout, 60) || quote(stderr, 60)
  if (answer.exitCode !== 0) {
    return { kind: 'no-answer', reason: `ended with exit ${answer.exitCode}${said && `: ${said}`}` }
  }
  const version = versionIn(stdout) ?? versionIn(stderr)
  if (version === null) return { kind: 'unknown', said }
  return { kind: 'known', version, status: testedStatusOf(version, agent) }
}

function testedStatusOf(version: string, agent: Agent): TestedStatus {
  const { testedVersion } = agent.detection
  if (testedVersion !== null) return isInTestedRange(version, testedVersion) ? 'tested' : 'outside'
  return isBuiltIn(agent) ? 'never-run' : 'own'
}

export interface VersionWarning extends Omit<AgentUntested, 'type'> {
  /** The agent and the reason in a sentence. */
  readonly message: string
}

/** Why the adapter may not fit this version; null: no known reason, or the version was not asked. */
export function versionWarning(agent: Agent, { version }: Pick<DetectedAgent, 'version'>): VersionWarning | null {
  const { id, detection } = agent
  const reason = whyUntested(version, agent)
  if (reason === null) return null
  return {
    agent: id,
    reason,
    testedRange: detection.testedVersion && testedRange(detection.testedVersion),
    message: `${id} ${reason}`,
    next: [{ command: `sko agents test ${id}`, why: 'runs a tiny real task to check that it works' }],
  }
}

function whyUntested(version: FoundVersion, agent: Agent): string | null {
  const { versionArgs, testedVersion } = agent.detection
  const range = testedVersion && testedRange(testedVersion)
  const neverRun = isBuiltIn(agent) ? 'was never tried by us: its adapter is based on documentation' : null
  const unknown = (why: string) => {
    const compared = range ? `tested: ${range}` : neverRun && `it ${neverRun}`
    const asked = quote(versionArgs?.join(' ') ?? '', 100)
    return [`has an unknown version: asked with ${asked}, it ${why}`, compared].filter(Boolean).join('; ')
  }
  switch (version.kind) {
    case 'not-asked':
      return null
    case 'no-answer':
      return unknown(version.reason)
    case 'unknown':
      return unknown(`says ${JSON.stringify(version.said)}`)
    case 'known':
      if (version.status === 'outside') return `${version.version} is outside the tested range ${range}`
      return version.status === 'never-run' ? `${version.version} ${neverRun}` : null
  }
}
