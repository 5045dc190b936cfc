import { join } from 'node:path'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { crossCheck } from './cross-checks.ts'
import { describeIssue, type Problem } from './describe-issue.ts'
import { withStrategy } from './host-strategy.ts'
import { flagOf, type Override, withOverrides } from './overrides.ts'
import { readConfigFile } from './read-file.ts'
import { type Config, configSchema } from './schema.ts'
import { isMapping, type KeyPath, printable, showPath, showValue } from './show.ts'

export const defaultConfigFile = '.kittify/orchestrator.yaml'

const mostProblemsShown = 20

const whereKeysStand = '.kittify.example/orchestrator.yaml in the package lists every key with its default.'

interface LoadConfigInput {
  /** `--config`, which must exist; null: `.kittify/orchestrator.yaml` of the repository, which is optional. */
  readonly file: string | null
  readonly repoRoot: string
  readonly overrides: readonly Override[]
  /** Ids of the built-in agents. */
  readonly knownAgents: readonly string[]
  /** Agents of a role for which the file names none; empty: those of the schema. */
  readonly defaultAgents?: readonly string[]
  /** Hears why `merge.strategy` of the host's configuration is not used for a merge that names no strategy. */
  readonly onProblem?: (reason: string) => void
}

/**
 * Reads the file, applies flags over it, and validates. Throws one OrchestratorError `config-invalid` that names every
 * problem.
 */
export async function loadConfig(input: LoadConfigInput): Promise<Config> {
  const { file, repoRoot, overrides, knownAgents, defaultAgents = [], onProblem = () => undefined } = input
  const path = file ?? join(repoRoot, defaultConfigFile)
  const shown = printable(path)
  const content = await readConfigFile(path)
  if (content.kind === 'refused') throw invalid([`${shown}: ${content.reason}`])
  if (content.kind === 'missing' && file !== null) {
    const hint = `Name a file that exists, or leave --config out to use ${defaultConfigFile}.`
    throw invalid([`--config: there is no file ${shown}`], hint)
  }
  // Loaded here, because commands that read only the stored configuration do without.
  const { readYaml } = await import('./yaml-source.ts')
  const source = readYaml(content.kind === 'missing' ? '' : content.text)
  if (!source.ok)
    throw invalid(source.problems.map(({ place, text }) => `${[shown, place].filter(Boolean).join(':')}: ${text}`))
  const locate = (at: KeyPath) => `${shown}:${source.lineOf(at)}`
  if (source.root !== null && !isMapping(source.root)) {
    throw invalid([`${locate([])}: expected a mapping of keys to values, found ${showValue(source.root)}`])
  }
  const strategy = await withStrategy(withOverrides(source.root, overrides), repoRoot, onProblem)
  const root = withAgents(source.root, defaultAgents)
  return checked({ root, overrides: [...overrides, ...strategy], knownAgents, locate })
}

/** If `agents` is not a mapping, the schema reports it. */
function withAgents(root: unknown, ids: readonly string[]): unknown {
  const given = isMapping(root) ? root : {}
  const agents = given.agents ?? {}
  if (ids.length === 0 || !isMapping(agents)) return root
  return { ...given, agents: { implementation: ids, review: ids, ...agents } }
}

/** The stored configuration of a run, for `sko resume`; flags given now override it. */
export function parseStoredConfig(
  value: unknown,
  flags: Pick<LoadConfigInput, 'overrides' | 'knownAgents'> | null = null,
): Config {
  const locate = () => "the run's stored configuration"
  if (!isMapping(value)) throw invalid([`${locate()}: expected a mapping, found ${showValue(value)}`])
  return checked({ root: value, overrides: flags?.overrides ?? [], knownAgents: flags?.knownAgents ?? null, locate })
}

interface Check {
  readonly root: unknown
  readonly overrides: readonly Override[]
  /** null: agent ids are not checked. */
  readonly knownAgents: readonly string[] | null
  readonly locate: (path: KeyPath) => string
}

function checked({ root, overrides, knownAgents, locate }: Check): Config {
  const given = withOverrides(root, overrides)
  const result = configSchema.safeParse(given)
  const problems = [
    ...(result.error?.issues ?? []).flatMap(issue => describeIssue(issue, given)),
    ...(knownAgents === null ? [] : crossCheck(given, knownAgents)),
  ]
  if (result.success && problems.length === 0) return result.data
  throw invalid(problems.map(problem => lineFor(problem, flagOf(problem.path, overrides), locate)))
}

function lineFor({ path, text }: Problem, flag: string | null, locate: Check['locate']): string {
  if (flag !== null) return `${flag}: ${text}`
  return `${locate(path)}: ${showPath(path)}${text.startsWith('is not supported') ? '' : ':'} ${text}`
}

function invalid(lines: readonly string[], hint = whereKeysStand): OrchestratorError {
  const more = lines.length - mostProblemsShown
  return new OrchestratorError({
    code: 'config-invalid',
    exitCode: exitCodes.usage,
    message: [...lines.slice(0, mostProblemsShown), ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
    hint,
  })
}
