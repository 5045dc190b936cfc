import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { loadRunState, statePath } from '../../../src/state/state-file.ts'
import { expectNoStack } from './expect-refused.ts'
import { runSko, type SkoResult } from './run-sko.ts'
import { createScenario, lanesOf, linesOf, type Scenario } from './scenario.ts'

/** Of `fixtures/preload/fail-at.mjs`, which says what each field does. */
export interface DiskFault {
  readonly n: number
  readonly code: 'ENOSPC' | 'EROFS' | 'EACCES' | 'EIO'
  readonly once?: boolean
  readonly short?: boolean
  readonly when?: string
}

/** Such a run takes seconds; on a machine that is busy with other things minutes. */
export const longest = 250_000

const preload = new URL('../../../fixtures/preload/fail-at.mjs', import.meta.url)

export function onDisk(fault: DiskFault | { readonly count: string }): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${preload}`, SKO_FAIL_AT: JSON.stringify(fault) }
}

/** All that writes below `.kittify` is in it: a check, a reviewer that edits, a notification. */
async function missionThatWrites(): Promise<Scenario> {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' }, [
    { role: 'review', do: 'edit-and-approve', write: 'src/theirs.txt' },
  ])
  await mission.writeConfig('checks: ["true"]\nnotify: {command: "cat > /dev/null"}\n')
  return mission
}

/** The calls that change something below `.kittify` in an undisturbed run. */
export async function writesOfARun(): Promise<readonly string[]> {
  const mission = await missionThatWrites()
  const count = mission.path('writes')
  const result = await runSko(mission, orchestrate(mission), { env: onDisk({ count }), timeoutMs: longest })
  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  return linesOf(count)
}

/** A run on a failing disk, then one on a disk that has room again. Throws at what must not be. */
export async function runOnFailingDisk(fault: DiskFault): Promise<SkoResult> {
  const mission = await missionThatWrites()
  const result = await runSko(mission, orchestrate(mission), { env: onDisk(fault), timeoutMs: longest })
  expectNoStack(result)
  expect(result.signal).toBeNull()
  if (result.exitCode !== 0) {
    expect(result.exitCode).toBe(1)
    const place = `${mission.repo}/.kittify/[^\\n]*`
    // One call alone may be the log of a check: that ends the work package, and no save fails after it.
    if (fault.once && result.stderr === '')
      expect(result.stdout).toMatch(new RegExp(`needs attention: [^\\n]*${fault.code}: [^\\n]*'${place}`))
    else expect(result.stderr).toMatch(new RegExp(`^sko: Cannot write ${place}${fault.code}`))
  }
  const kittify = join(mission.repo, '.kittify')
  const loaded = await loadRunState(kittify)
  expect(loaded).not.toMatchObject({ kind: 'unreadable' })
  expect(existsSync(`${statePath(kittify)}.tmp`), 'a half-written state').toBe(false)

  const again = loaded.kind === 'none' ? orchestrate(mission) : ['resume']
  const healed = await runSko(mission, again, { timeoutMs: longest })
  expect([healed.exitCode, healed.stderr]).toEqual([0, ''])
  expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
  return result
}

function orchestrate(mission: Scenario): readonly string[] {
  return ['orchestrate', '--mission', mission.slug]
}
