import { join } from 'node:path'
import type { Override } from './overrides.ts'
import { readConfigFile } from './read-file.ts'
import { showValue, valueAt } from './show.ts'

const path = ['finish', 'merge'] as const
const strategies = ['merge', 'squash', 'rebase'] as const

type Strategy = (typeof strategies)[number]

/** Commits stay as they were reviewed. It is also the default of the host's `merge-mission`. */
const standard = 'merge'

/**
 * What gives a merge that names no strategy (`finish.merge: true`, `--merge`) the one of the host. `onProblem` hears why
 * that is not used.
 */
export async function withStrategy(
  given: unknown,
  repoRoot: string,
  onProblem: (reason: string) => void,
): Promise<readonly Override[]> {
  if (valueAt(given, path) !== true) return []
  return [{ flag: '--merge', path, value: await strategyOfHost(repoRoot, onProblem) }]
}

/** `merge.strategy` of the host's `.kittify/config.yaml`. */
export async function strategyOfHost(
  repoRoot: string,
  onProblem: (reason: string) => void = () => undefined,
): Promise<Strategy> {
  const content = await readConfigFile(join(repoRoot, '.kittify', 'config.yaml'))
  const { readYaml } = await import('./yaml-source.ts')
  const source = readYaml(content.kind === 'read' ? content.text : '')
  const value = source.ok ? valueAt(source.root, ['merge', 'strategy']) : undefined
  const known = strategies.find(strategy => strategy === value)
  if (content.kind === 'refused') onProblem(content.reason)
  else if (!source.ok) onProblem(`line ${source.problems[0]?.place}: ${source.problems[0]?.text}`)
  else if (value !== undefined && value !== null && !known) {
    onProblem(`merge.strategy: expected one of ${strategies.join(', ')}; found ${showValue(value)}`)
  }
  return known ?? standard
}
