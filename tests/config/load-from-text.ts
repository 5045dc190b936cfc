import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { defaultConfigFile, loadConfig } from '../../src/config/load.ts'
import type { Override } from '../../src/config/overrides.ts'
import type { Config } from '../../src/config/schema.ts'
import { OrchestratorError } from '../../src/errors.ts'

export const builtIn = ['claude-code', 'codex']

/** Loads a repository's configuration that holds just this text; null: there is none. */
export async function loadFromText(
  text: string | Uint8Array | null,
  overrides: readonly Override[] = [],
  knownAgents: readonly string[] = builtIn,
): Promise<Config> {
  const repoRoot = await mkdtemp(join(tmpdir(), 'sko-config-'))
  try {
    const file = join(repoRoot, defaultConfigFile)
    await mkdir(dirname(file))
    if (text !== null) await writeFile(file, text)
    return await loadConfig({ file: null, repoRoot, overrides, knownAgents })
  } finally {
    await rm(repoRoot, { recursive: true })
  }
}

/** Message lines of the refusal, without the folder; a load that succeeds or fails otherwise fails the test. */
export async function refusalOf(load: Promise<Config>): Promise<readonly string[]> {
  const outcome = await load.then(
    () => 'loaded',
    (error: unknown) => error,
  )
  if (!(outcome instanceof OrchestratorError)) throw new Error('expected a refusal', { cause: outcome })
  if (outcome.code !== 'config-invalid' || outcome.exitCode !== 2 || outcome.hint === '') throw outcome
  return outcome.message.split('\n').map(line => line.replace(/^.*?\.kittify\//, ''))
}
