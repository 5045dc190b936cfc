import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runSko } from './support/run-sko.ts'
import { createScenario, type Scenario } from './support/scenario.ts'

/** When each file and folder was last changed: also that one was made and removed again shows, in its folder's time. */
function changesIn(folder: string): Readonly<Record<string, string>> {
  const names = ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]
  return Object.fromEntries(
    names.map(name => {
      const { mtimeNs, ctimeNs, mode } = lstatSync(join(folder, name), { bigint: true })
      return [name, `${mode} ${mtimeNs} ${ctimeNs}`]
    }),
  )
}

async function endedRun(): Promise<Scenario> {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
  const run = await runSko(mission, ['orchestrate', '--mission', mission.slug])
  expect([run.exitCode, run.stderr]).toEqual([0, ''])
  return mission
}

const lookers = (slug: string): readonly (readonly string[])[] => [
  ['status'],
  ['status', '--json'],
  ['logs'],
  ['logs', 'WP01'],
  ['kept'],
  ['agents'],
  ['doctor'],
  ['plan', '--mission', slug],
]

it('commands that only look write nothing below .kittify, and work where it is read-only', async () => {
  const mission = await endedRun()
  const kittify = join(mission.repo, '.kittify')
  rmSync(join(kittify, 'logs'), { recursive: true })
  const files = readdirSync(kittify).map(name => join(kittify, name))
  // Where the tests run as root this forbids nothing; what was changed shows all the same.
  for (const path of [...files, kittify]) chmodSync(path, lstatSync(path).mode & 0o555)
  const before = changesIn(kittify)
  try {
    for (const args of lookers(mission.slug)) {
      const result = await runSko(mission, args)
      expect([args, result.exitCode, result.stderr]).toEqual([args, 0, ''])
      expect(changesIn(kittify), args.join(' ')).toEqual(before)
    }
  } finally {
    chmodSync(kittify, 0o755)
  }
  expect(readdirSync(kittify)).not.toContain('logs')
})
