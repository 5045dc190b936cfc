import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Difference, differences } from './compare.ts'
import { ownEnvironment } from './environment.ts'
import { findCulprits } from './find-culprits.ts'
import { knownDifference } from './known-differences.ts'
import { ownSuspects, type Suspect } from './own-settings.ts'
import { type Stage, setStage } from './replay.ts'

export interface SelfTestResult {
  /** The number of the user's settings and variables that git reads. */
  readonly settings: number
  readonly variables: number
  /** The number of compared steps and parts of the outcome. */
  readonly compared: number
  readonly findings: readonly Finding[]
  readonly elapsedMs: number
}

export interface Finding {
  /** Several: only together do they make the difference. None: the cause is unknown. */
  readonly suspects: readonly Suspect[]
  readonly differences: readonly Difference[]
  /** Why this difference is expected; null: it is not. */
  readonly known: string | null
}

/**
 * Makes the git calls of a mission in a scratch repository, once without any settings and once with the user's, and
 * names the settings that make a difference.
 */
export async function selfTest(project: string | null): Promise<SelfTestResult> {
  const startedAt = performance.now()
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sko-self-test-')))
  try {
    const stage = await setStage(folder, ownEnvironment())
    const expected = await stage.replay({ settings: [], env: stage.bare })
    const suspects = await ownSuspects(project)
    const ofKind = (kind: Suspect['kind']) => suspects.filter(suspect => suspect.kind === kind).length
    return {
      settings: ofKind('setting'),
      variables: ofKind('variable'),
      compared: Object.keys(expected).length,
      findings: await findCauses(stage, expected, suspects),
      elapsedMs: Math.round(performance.now() - startedAt),
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function findCauses(
  stage: Stage,
  expected: Readonly<Record<string, unknown>>,
  suspects: readonly Suspect[],
): Promise<readonly Finding[]> {
  const compare = async (subset: readonly Suspect[]) =>
    differences(
      expected,
      await stage.replay({ settings: settingsOf(subset), env: { ...stage.bare, ...variablesOf(subset) } }),
    )
  const seen = new Map<readonly Suspect[], readonly Difference[]>()
  const differs = async (subset: readonly Suspect[]) => {
    const found = await compare(subset)
    seen.set(subset, found)
    return found.length > 0
  }
  const groups = await findCulprits(suspects, differs)
  if (groups.length > 0) {
    const findings: Finding[] = []
    for (const group of groups) {
      findings.push({
        suspects: group,
        differences: seen.get(group) ?? (await compare(group)),
        known: knownReason(group),
      })
    }
    return findings
  }
  const ofRepository = settingsOf(suspects).filter(({ scope }) => scope === 'local' || scope === 'worktree')
  const asIs = differences(expected, await stage.replay({ settings: ofRepository, env: ownEnvironment() }))
  return asIs.length === 0 ? [] : [{ suspects: [], differences: asIs, known: null }]
}

function knownReason(group: readonly Suspect[]): string | null {
  const reasons = group.map(suspect => (suspect.kind === 'setting' ? knownDifference(suspect.setting.key) : null))
  return reasons.every(reason => reason !== null) ? reasons.join('; ') || null : null
}

function settingsOf(suspects: readonly Suspect[]) {
  return suspects.flatMap(suspect => (suspect.kind === 'setting' ? [suspect.setting] : []))
}

function variablesOf(suspects: readonly Suspect[]) {
  const entries = suspects.flatMap(suspect => (suspect.kind === 'variable' ? [[suspect.name, suspect.value]] : []))
  return Object.fromEntries(entries)
}
