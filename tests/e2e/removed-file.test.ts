import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { nextCommands } from '../cli/support/next-commands.ts'
import { cover } from '../in-full.ts'
import { orchestrated, type RealScenario, realScenario } from './support/scenario.ts'

async function pair(topology: 'lanes' | 'coord'): Promise<RealScenario> {
  return realScenario({ shape: 'pair', topology, subtasks: [0, 0], config: 'host: {patience_seconds: 1}\n' })
}

/** The person who removes it means to be rid of the work package; the host (3.2.7) still lists it. */
async function removeFile({ repo, mission, git }: RealScenario, wpId: string): Promise<void> {
  const tasks = join('kitty-specs', mission, 'tasks')
  const file = readdirSync(join(repo, tasks)).find(name => name.startsWith(wpId)) ?? ''
  await git('rm', '--quiet', join(tasks, file))
  await git('commit', '--quiet', '-m', `Do without ${wpId}`)
}

const shell = (command: string, { repo, env }: RealScenario) => execa('sh', ['-c', command], { cwd: repo, env })

describe('a work package whose file was removed', () => {
  const skipped = 'does not stop the others, and the printed commands take it out of the mission, in %s'
  it.each(cover(1, ['lanes', 'coord']))(skipped, async topology => {
    const scenario = await pair(topology)
    await removeFile(scenario, 'WP01')
    const result = await orchestrated(scenario, '--no-accept')

    expect([result.exitCode, result.stderr]).toEqual([1, ''])
    expect(result.stdout).toMatch(/WP02 +approved/)
    const skip = /^(git .+) && sko (skip WP01) --reason '(.+)'$/
    const [, back = 'false', words = '', reason = ''] = nextCommands(result.stdout).flatMap(
      line => skip.exec(line) ?? [],
    )
    await shell(back, scenario)
    const skipped = await scenario.start(...words.split(' '), '--reason', reason).exited
    expect([skipped.exitCode, skipped.stderr]).toEqual([0, ''])
    const last = await scenario.start('resume').exited
    expect(nextCommands(last.stdout)).toEqual([expect.stringMatching(/^spec-kitty accept /)])
  })

  it.each(cover(1, ['coord', 'lanes']))('is done, with the other printed command, in %s', async topology => {
    const scenario = await pair(topology)
    await removeFile(scenario, 'WP02')
    const result = await orchestrated(scenario, '--no-accept')

    const resume = /^(git .+) && sko resume$/
    const [, back = 'false'] = nextCommands(result.stdout).flatMap(line => resume.exec(line) ?? [])
    await shell(back, scenario)
    const last = await scenario.start('resume').exited
    expect([last.exitCode, last.stderr]).toEqual([0, ''])
    expect(last.stdout).toMatch(/WP02 +approved/)
  })
})

it('the main checkout on a branch without the mission: the printed command checks the right one out', async () => {
  const scenario = await pair('coord')
  const root = await scenario.git('rev-list', '--max-parents=0', 'HEAD')
  await scenario.git('checkout', '--quiet', '--force', '-b', 'elsewhere', root)
  const refused = await orchestrated(scenario)

  expect(refused.exitCode).toBe(2)
  await shell(/^ {5}(git .+ checkout work)$/m.exec(refused.stderr)?.[1] ?? 'false', scenario)
  const result = await orchestrated(scenario, '--no-accept')
  expect([result.exitCode, result.stderr]).toEqual([0, ''])
})
