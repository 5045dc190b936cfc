import type { ModelUse } from '../agent/model-use.ts'
import type { CheckResult } from '../gate/check-result.ts'
import type { AnsweredDilution } from '../judgement/dilution/dilution.ts'
import { reviewedRanges } from '../judgement/vouching.ts'
import type { MergeOf, RunStart } from '../mission/finish-progress.ts'
import { quote } from '../text.ts'
import type { Attempt, Role, WpRecord } from '../work-package/work-package.ts'
import { canonicalJson } from './canonical-json.ts'
import type {
  RecordedAgent,
  RecordedCheck,
  RecordedConfirmation,
  RecordedDilution,
  RecordedJudgement,
  ReviewRecord,
} from './review-record.ts'

/** What the process knows besides the state of the run. */
export interface RecordFacts {
  readonly skoVersion: string
  readonly runId: string
  /** ISO 8601 */
  readonly startedAt: string
  readonly recordedAt: string
  readonly mission: ReviewRecord['mission']
  readonly configurationSha256: string
  /** Folders of this machine, each with what a record has in its place, the longest first. */
  readonly folders: readonly (readonly [path: string, shown: string])[]
  /** The model that the configuration asks for. */
  readonly modelOf: (agent: Attempt['agent'], role: Role) => string | null
}

interface RecordedMerge {
  readonly of: MergeOf & { readonly after: string }
  readonly records: readonly WpRecord[]
  readonly start: RunStart | null
}

type Say = (text: string) => string

/** What a run knows about a merge. */
export function makeRecord({ of, records, start }: RecordedMerge, facts: RecordFacts): ReviewRecord {
  const say: Say = text => withoutFolders(text, facts.folders)
  return {
    sko: { version: facts.skoVersion },
    run: { id: facts.runId, startedAt: facts.startedAt, recordedAt: facts.recordedAt },
    mission: facts.mission,
    target: { branch: of.targetBranch, before: of.before, after: of.after, strategy: of.strategy ?? null },
    lanes: of.lanes.map(({ branch, head, wpIds }) => ({ branch, head, workPackages: wpIds })),
    judgements: records.flatMap(record => recordedJudgement(record, facts, say)),
    confirmations: records.flatMap(record => recordedConfirmations(record, say)),
    given: Object.entries(start?.given ?? {}).map(([workPackage, head]) => ({ workPackage, head })),
    checks: (of.checked?.results ?? []).map(check => recordedCheck(check, say)),
    configuration: { sha256: facts.configurationSha256 },
  }
}

function recordedJudgement(record: WpRecord, facts: RecordFacts, say: Say): readonly RecordedJudgement[] {
  const { wpId: workPackage, judgement, attempts, work } = record
  if (judgement === null) return []
  const { verdict, given = verdict.verdict, reviewer, reference, commit, shown, dilutions } = judgement
  const review = attempts.findLast(({ role, agent, result }) => {
    return role === 'review' && agent === reviewer && result?.kind === 'succeeded'
  })
  return [
    {
      workPackage,
      reference,
      commit,
      ranges: verdict.verdict === 'approved' ? reviewedRanges(record) : shown,
      verdict: verdict.verdict,
      answered: given,
      summary: say(verdict.summary),
      findings: verdict.findings.map(finding => ({
        severity: finding.severity,
        file: finding.file === null ? null : say(finding.file),
        line: finding.line,
        problem: say(finding.problem),
        change: finding.change === null ? null : say(finding.change),
      })),
      reviewer: recordedAgent(review ?? { agent: reviewer, role: 'review' }, facts),
      implementers: implementers(attempts, facts),
      ...(dilutions ? { dilutions: dilutions.map(dilution => recordedDilution(dilution, say)) } : {}),
      checks: (work?.headCommit === commit ? (work.checks ?? []) : []).map(check => recordedCheck(check, say)),
    },
  ]
}

function recordedDilution({ kind, file, line, answer }: AnsweredDilution, say: Say): RecordedDilution {
  return { kind, file, line, answer: say(answer) }
}

/** The agents whose attempts added commits, each once. */
function implementers(attempts: readonly Attempt[], facts: RecordFacts): readonly RecordedAgent[] {
  const made = attempts.filter(({ role, headCommit, baseCommit }) => {
    return role === 'implementation' && headCommit !== null && headCommit !== baseCommit
  })
  const agents = made.map(attempt => recordedAgent(attempt, facts))
  return [...new Map(agents.map(agent => [JSON.stringify(agent), agent])).values()]
}

type Answered = Pick<Attempt, 'agent' | 'role'> & ModelUse

/** An attempt of an older version does not say its model, so the one that is configured now. */
function recordedAgent({ agent, role, ...use }: Answered, { modelOf }: RecordFacts): RecordedAgent {
  const { cliVersion = null, model = null, configuredModel = modelOf(agent, role) } = use
  return { agent, version: cliVersion, model, configuredModel }
}

function recordedCheck({ command, exitCode }: Pick<CheckResult, 'command' | 'exitCode'>, say: Say): RecordedCheck {
  return { command: say(quote(command, longestCommand)), exitCode }
}

const longestCommand = 300

function recordedConfirmations({ wpId, confirmed }: WpRecord, say: Say): readonly RecordedConfirmation[] {
  if (confirmed === null) return []
  const { commit, at, reason, before = [] } = confirmed
  const said = reason === null ? null : say(reason)
  return [...before, commit].map(confirmedCommit => ({ workPackage: wpId, commit: confirmedCommit, at, reason: said }))
}

/** Texts of agents name files by absolute paths, and a record is read on other machines. */
function withoutFolders(text: string, folders: RecordFacts['folders']): string {
  return folders.reduce((left, [path, shown]) => {
    const whole = new RegExp(`(?<![\\w.~-])${path.replace(/[^\w/]/g, '\\$&')}(?![\\w-])`, 'g')
    return left.replace(whole, () => shown)
  }, text)
}

/** Whether both are about the same merge and say the same: only the time of writing differs. */
export function saysTheSame(a: ReviewRecord, b: ReviewRecord): boolean {
  const withoutTime = (record: ReviewRecord) => canonicalJson({ ...record, run: { ...record.run, recordedAt: '' } })
  return withoutTime(a) === withoutTime(b)
}

/** All commits that a reviewer was shown, that were merged, or that a person confirmed. */
export function commitsIn({ target, lanes, judgements, confirmations, given }: ReviewRecord): readonly string[] {
  const named = [
    target.after,
    target.before,
    ...lanes.map(({ head }) => head),
    ...judgements.flatMap(({ commit, ranges }) => [commit, ...ranges.flatMap(({ base, head }) => [base, head])]),
    ...confirmations.map(({ commit }) => commit),
    ...given.map(({ head }) => head),
  ]
  return [...new Set(named.filter(commit => commit !== null))]
}
