import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SkoResult } from '../cli/support/run-sko.ts'
import { orchestrated, type RealScenario, realScenario } from './support/scenario.ts'

/** Where git keeps its own folder is the user's business. */
describe('a project is driven to its merge', () => {
  it('as a submodule', async () => {
    const scenario = await projectIn(asSubmodule)
    await expectMerged(scenario, await orchestrated(scenario, '--merge', 'squash'))
  })

  it('with --separate-git-dir, once the printed command has run', async () => {
    const scenario = await projectIn(({ repo, git }) => git('init', '--quiet', '--separate-git-dir', `${repo}.apart`))
    const plan = await scenario.start('plan', '--mission', scenario.mission).exited
    const refused = await orchestrated(scenario, '--merge', 'squash')
    expect(refused.exitCode).toBe(1)
    const [, command = 'false'] = /^Next:\n {2}(git .*) && sko resume /m.exec(refused.stdout) ?? []
    expect(plan.stdout).toContain(command)
    await execa('sh', ['-c', command], { cwd: '/', env: scenario.env })
    await expectMerged(scenario, await scenario.start('resume').exited)
  })
})

async function projectIn(change: (scenario: RealScenario) => Promise<unknown>): Promise<RealScenario> {
  const folder = await mkdtemp(join(tmpdir(), 'sko-e2e-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const dir = join(folder, 'repo')
  await mkdir(dir)
  const scenario = await realScenario({ shape: 'single', topology: 'lanes', dir })
  await change(scenario)
  return scenario
}

async function expectMerged(scenario: RealScenario, result: SkoResult): Promise<void> {
  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(result.stdout).toContain('1 of 1 work packages approved or done, merged, accepted')
  expect(await scenario.git('ls-tree', '--name-only', 'work', 'src/')).toBe('src/WP01.txt')
}

async function asSubmodule({ repo, git }: RealScenario): Promise<void> {
  const above = ['-C', dirname(repo)]
  await git(...above, 'init', '--quiet')
  await git(...above, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo, 'repo')
  await git(...above, 'submodule', '--quiet', 'absorbgitdirs')
}
