import { oneLine, plainJson, redact, shellWord } from '../../core/text.ts'
import type { ExitCode } from '../../errors.ts'
import { gitVersion } from '../../git/version.ts'
import type { Suspect } from '../../self-test/own-settings.ts'
import { type Finding, type SelfTestResult, selfTest } from '../../self-test/self-test.ts'
import { type CheckResult, type Checks, checkLines, createChecks, warn } from '../doctor/checks.ts'
import { checkProject, ownFilesWarning } from '../doctor/project-checks.ts'
import { versionWarnings } from '../shared/look-at-agents.ts'
import { isOutsideProjects, openAgents, openHost, openProject } from '../shared/open-project.ts'
import { writeNote, writeOut } from '../terminal/output.ts'

interface DoctorOptions {
  readonly repoRoot?: string
  readonly json?: boolean
  readonly selfTest?: boolean
}

/** Checks whether a run could start here. Reads only; the self-test uses a temporary folder and removes it. */
export async function doctorCommand(options: DoctorOptions): Promise<ExitCode> {
  const checks = createChecks()
  await checks.check('git', gitVersion, version => version)
  const root = await checkPlace(checks, options)
  const tested = options.selfTest ? await runSelfTest(checks, root) : null
  const { results } = checks
  if (options.json) writeOut(`${plainJson({ checks: results, selfTest: tested && jsonOf(tested) })}\n`)
  else writeOut(`${checkLines(results).join('\n')}\n`)
  return checks.exitCode()
}

/** Returns the root of the project, or null. The self-test needs no project. */
async function checkPlace(checks: Checks, options: DoctorOptions): Promise<string | null> {
  const anywhere = options.selfTest && options.repoRoot === undefined
  try {
    const project = await openProject({ repoRoot: options.repoRoot }, [])
    const agents = openAgents(project.config)
    await checkProject(checks, { project, agents, host: openHost(project.repository, project.config) })
    for (const warning of await ownFilesWarning(project.repository.root)) checks.add(warning)
    for (const { message, next } of await versionWarnings(project.config, agents)) {
      checks.add(warn('version', message, next))
    }
    return project.repository.root
  } catch (error) {
    if (!anywhere || !isOutsideProjects(error)) {
      await checks.check('project', () => Promise.reject(error), String)
      return null
    }
    checks.add({ check: 'project', ok: true, detail: `none here: ${error.message}`, hint: null, next: [] })
    return null
  }
}

async function runSelfTest(checks: Checks, root: string | null): Promise<SelfTestResult | null> {
  if (checks.results.some(({ check, ok }) => check === 'git' && !ok)) return null
  writeNote('self-test: running the git calls of a mission in a scratch repository; this takes a few seconds\n')
  const result = await selfTest(root)
  const under = `${result.settings} git settings and ${result.variables} variables`
  const seconds = `${(result.elapsedMs / 1000).toFixed(1)} s`
  if (result.findings.every(({ known }) => known !== null)) {
    const detail = `every git call gives the same result with your ${under} as without (${result.compared} results, ${seconds})`
    checks.add({ check: 'self-test', ok: true, detail, hint: null, next: [] })
  }
  for (const finding of result.findings) checks.add(checkOf(finding))
  return result
}

function checkOf({ suspects, differences, known }: Finding): CheckResult {
  const [first] = differences
  const change = first
    ? `${first.where}: ${JSON.stringify(first.expected)} became ${JSON.stringify(first.observed)}`
    : ''
  const names = suspects.map(nameOf).join(' and ') || 'something in your environment'
  const detail = oneLine(redact(`${names} changes ${differences.length} results, e.g. ${change}`), 400)
  if (known !== null) return { check: 'self-test', ok: true, detail: `${detail} (${known})`, hint: null, next: [] }
  const next = suspects.map(suspect => ({ command: cureOf(suspect), why: `takes ${nameOf(suspect)} away` }))
  return { check: 'self-test', ok: false, detail, hint: null, next }
}

function nameOf(suspect: Suspect): string {
  if (suspect.kind === 'variable') return `the variable ${suspect.name}=${suspect.value}`
  const { key, value, scope } = suspect.setting
  return `${key}${value === null ? '' : `=${value}`} (${scope})`
}

function cureOf(suspect: Suspect): string {
  if (suspect.kind === 'variable') return `unset ${suspect.name}`
  return `git config --${suspect.setting.scope} --unset-all ${shellWord(suspect.setting.key)}`
}

function jsonOf({ findings, ...rest }: SelfTestResult) {
  const named = findings.map(({ suspects, differences, known }) => ({
    causes: suspects.map(suspect => ({ name: redact(nameOf(suspect)), cure: cureOf(suspect) })),
    known,
    differences: differences.map(({ where }) => where),
  }))
  return { ok: findings.every(({ known }) => known !== null), ...rest, findings: named }
}
