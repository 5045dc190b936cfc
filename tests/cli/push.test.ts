import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import { runSko, type SkoResult } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario } from './support/scenario.ts'

const topologies = ['coord', 'lanes'] as const

/** A mission that is merged and pushed at its end. */
async function scenarioThatPushes(topology: (typeof topologies)[number]): Promise<Scenario> {
  const mission = await createScenario({ shape: { WP01: [] }, topology })
  await mission.writeConfig('finish: {merge: merge, push: true}\n')
  return mission
}

/** A bare repository beside the mission's, as its remote of that name. */
async function addRemote(mission: Scenario, name: string): Promise<string> {
  const remote = mission.path(`${name}.git`)
  await mission.git('init', '--quiet', '--bare', remote)
  await mission.git('remote', 'add', name, remote)
  return remote
}

/** Returns what takes the refusal away. */
function refusePushes(remote: string): () => void {
  const hook = join(remote, 'hooks', 'pre-receive')
  writeFileSync(hook, '#!/bin/sh\necho "the branch is protected" >&2\nexit 1\n', { mode: 0o755 })
  return () => rmSync(hook)
}

function orchestrate(mission: Scenario): Promise<SkoResult> {
  return runSko(mission, ['orchestrate', '--mission', mission.slug])
}

/** The first command under `Next`, without its reason. */
function nextOf({ stdout }: SkoResult): string {
  const [, command = ''] = /\nNext:\n {2}(.*?)(?: {3}\(.*)?\n/.exec(stdout) ?? []
  return command
}

/** Types it into a shell, as a person does, with `sko` as the program that is tested. */
async function type(mission: Scenario, command: string): Promise<SkoResult | null> {
  const steps = command.split(' && ').map(step => step.split(' '))
  let last: SkoResult | null = null
  for (const [program = '', ...args] of steps) {
    if (program === 'sko') last = await runSko(mission, args)
    else await execa(program, args, { cwd: mission.repo, env: mission.env })
  }
  return last
}

async function expectMergedOnce(mission: Scenario): Promise<void> {
  const merges = (await mission.journal()).filter(({ command }) => command === 'merge-mission')
  expect(merges).toHaveLength(1)
  expect(await lanesOf(mission)).toEqual({ WP01: 'done' })
  expect(await mission.git('show', 'work:src/WP01.txt')).toContain('WP01')
}

describe.each(cover(1, topologies))('a merge that is to be pushed, in %s topology', topology => {
  it('is on the remote, which the report says', async () => {
    const mission = await scenarioThatPushes(topology)
    await addRemote(mission, 'origin')

    const result = await orchestrate(mission)

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(result.events().filter(({ type }) => type === 'pushed')).toMatchObject([{ remote: 'origin' }])
    expect(await mission.git('ls-remote', 'origin', 'work')).toContain(await mission.git('rev-parse', 'work'))
    await expectMergedOnce(mission)
  })

  it('is refused by the remote: the printed command pushes it once the cause is removed', async () => {
    const mission = await scenarioThatPushes(topology)
    const letPass = refusePushes(await addRemote(mission, 'origin'))

    const result = await orchestrate(mission)

    expect(result.exitCode).toBe(1)
    expect(result.events().filter(({ type }) => type === 'not-pushed')).toMatchObject([{ remote: 'origin' }])
    expect(nextOf(result)).toBe('git push origin work && sko resume')
    expect(await mission.git('ls-remote', 'origin')).toBe('')
    await expectMergedOnce(mission)

    // Resuming alone does not hide it.
    const again = await runSko(mission, ['resume'])
    expect([again.exitCode, nextOf(again)]).toEqual([1, 'git push origin work && sko resume'])

    letPass()
    const pushed = await type(mission, nextOf(again))
    expect([pushed?.exitCode, pushed?.stderr]).toEqual([0, ''])
    expect(await mission.git('ls-remote', 'origin', 'work')).toContain(await mission.git('rev-parse', 'work'))
    expect((await mission.state()).acceptances).toHaveLength(1)
    await expectMergedOnce(mission)
  })

  itInFull('stays where it is when a person turns the push off', async () => {
    const mission = await scenarioThatPushes(topology)
    refusePushes(await addRemote(mission, 'origin'))
    expect((await orchestrate(mission)).exitCode).toBe(1)

    const resumed = await runSko(mission, ['resume', '--no-push'])

    expect([resumed.exitCode, resumed.stderr]).toEqual([0, ''])
    expect(resumed.stdout).not.toContain('not pushed')
    expect(await mission.git('ls-remote', 'origin')).toBe('')
    await expectMergedOnce(mission)
  })

  it('has no remote to go to: the printed command ends it without', async () => {
    const mission = await scenarioThatPushes(topology)

    const result = await orchestrate(mission)

    expect(result.exitCode).toBe(1)
    expect(result.stdout).toContain('the repository has no remote')
    expect(nextOf(result)).toBe('sko resume --no-push')
    const resumed = await type(mission, nextOf(result))
    expect([resumed?.exitCode, resumed?.stderr]).toEqual([0, ''])
    await expectMergedOnce(mission)
  })

  // Measured: the host pushes to `origin` alone, and says success where there is no remote of that name.
  itInFull('has a remote of another name, to which the host does not push', async () => {
    const mission = await scenarioThatPushes(topology)
    await addRemote(mission, 'upstream')

    const result = await orchestrate(mission)

    expect([result.exitCode, nextOf(result)]).toEqual([1, 'git push upstream work && sko resume'])
    const pushed = await type(mission, nextOf(result))
    expect([pushed?.exitCode, pushed?.stderr]).toEqual([0, ''])
    await expectMergedOnce(mission)
  })
})
