import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { commandsOf } from '../cli/support/next-commands.ts'
import type { SkoResult } from '../cli/support/run-sko.ts'
import { itInFull } from '../in-full.ts'
import { orchestrated, type RealScenario, realScenario } from './support/scenario.ts'

/** A project as `spec-kitty init` and the planning leave it, and what people do in it. */
describe('in an untouched project', () => {
  it('everything that a person adds and commits can be merged, once the printed command has run', async () => {
    const scenario = await realScenario({ shape: 'single', topology: 'coord' })
    expect(await orchestrated(scenario)).toMatchObject({ exitCode: 0, stderr: '' })
    const record = `kitty-specs/${scenario.mission}`
    expect(await status(scenario)).toEqual([
      ` M ${record}/status.events.jsonl`,
      '?? .kittify/orchestrator.yaml',
      `?? ${record}/status.json`,
    ])
    await commitAll(scenario)
    expect(await scenario.git('ls-files', '.kittify')).toBe('.kittify/config.yaml\n.kittify/orchestrator.yaml')

    const refused = await scenario.start('resume', '--merge', 'merge').exited
    expect(refused.exitCode).toBe(1)
    await follow(scenario, refused)
    await expectMerged(scenario)
  })

  it('the lanes of a legacy mission are committed by the printed command, and then merged', async () => {
    const scenario = await realScenario({ shape: 'single', topology: 'legacy' })
    const refused = await orchestrated(scenario, '--merge', 'merge')
    expect(refused.exitCode).toBe(1)
    await follow(scenario, refused)
    await expectMerged(scenario)
  })

  itInFull(
    'state of sko that someone has committed is said at the start, and the printed command lets it merge',
    async () => {
      const scenario = await realScenario({ shape: 'single', topology: 'lanes' })
      expect(await orchestrated(scenario)).toMatchObject({ exitCode: 0, stderr: '' })
      await scenario.git('add', '--force', '--', '.kittify')
      await commitAll(scenario)

      const refused = await scenario.start('resume', '--merge', 'squash').exited
      expect(refused.exitCode).toBe(1)
      const [told] = refused.events().filter(event => event.type === 'own-files-in-git')
      expect(refused.stdout).toContain(`${commandsOf(told)[0]} && sko resume`)
      await follow(scenario, refused)
      await expectMerged(scenario)
    },
  )
})

describe('a mission that an older host has planned', () => {
  const old = { shape: 'single', topology: 'legacy', without: ['slug', 'friendly_name', 'created_at'] } as const
  const lacks = 'its meta.json lacks created_at, friendly_name, slug'

  it('is said to lack what an acceptance asks for, and the printed command at the end completes it', async () => {
    const scenario = await realScenario(old)
    const refused = await orchestrated(scenario)
    expect(refused.exitCode).toBe(1)
    const [said] = refused.events().filter(event => event.type === 'mission-incomplete')
    expect(said).toMatchObject({ fields: ['created_at', 'friendly_name', 'slug'] })
    await follow(scenario, refused)
    const resumed = await scenario.start('resume').exited
    expect([resumed.exitCode, resumed.stderr]).toEqual([0, ''])
    expect(resumed.stdout).toContain('1 of 1 work packages approved or done, merge pending, accepted')
  })

  itInFull('is completed before the start by the command that plan prints', async () => {
    const scenario = await realScenario(old)
    const plan = await scenario.start('plan', '--mission', scenario.mission).exited
    expect(plan.exitCode).toBe(0)
    const printed = new RegExp(`^warn mission: .*${lacks}\\n +next: (node .*?) {3}\\(`, 'm')
    const [, command = 'false'] = printed.exec(plan.stdout) ?? []
    await execa('sh', ['-c', command], { cwd: '/', env: scenario.env })
    expect((await scenario.start('plan', '--mission', scenario.mission).exited).stdout).not.toContain('meta.json')

    const done = await orchestrated(scenario)
    expect([done.exitCode, done.stderr]).toEqual([0, ''])
    expect(done.stdout).toContain('1 of 1 work packages approved or done, merge pending, accepted')
  })
})

async function commitAll(scenario: RealScenario): Promise<void> {
  await scenario.git('add', '--all')
  await scenario.git('commit', '--quiet', '--message', 'Everything')
}

async function status(scenario: RealScenario): Promise<readonly string[]> {
  return (await scenario.git('status', '--porcelain')).split('\n')
}

/** Runs the printed command, up to our own, as a person does. */
async function follow(scenario: RealScenario, refused: SkoResult): Promise<void> {
  const [, command = 'false'] = /^Next:\n {2}((?:git|node) .*) && sko resume /m.exec(refused.stdout) ?? []
  await execa('sh', ['-c', command], { cwd: '/', env: scenario.env })
}

async function expectMerged(scenario: RealScenario): Promise<void> {
  const resumed = await scenario.start('resume').exited
  expect([resumed.exitCode, resumed.stderr]).toEqual([0, ''])
  expect(resumed.stdout).toContain('1 of 1 work packages approved or done, merged, accepted')
  expect(await scenario.git('ls-tree', '--name-only', 'work', 'src/')).toBe('src/WP01.txt')
}
