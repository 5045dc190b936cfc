import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { describeInFull, itInFull } from '../in-full.ts'
import { type LoggedEvent, runSko, startSko } from './support/run-sko.ts'
import { createScenario, isAlive, lanesOf, until } from './support/scenario.ts'

const isTold = (type: string) => (event: LoggedEvent) => event.type === type

describe('dependencies that are edited in the middle of a run', () => {
  const begun = async (patienceSeconds: number) => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' })
    await mission.writeConfig(`host: {patience_seconds: ${patienceSeconds}}\n`)
    const go = mission.path('go')
    await mission.setAgents([{ role: 'implementation', wp: 'WP01', do: 'hang', file: go }])
    const running = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await mission.waitForStart({ role: 'implementation' })
    const setDependencies = (...dependencies: string[]) =>
      mission.updateState(state => {
        if (state.wps.WP02) state.wps.WP02.dependencies = dependencies
      })
    await running.waitForEvent(isTold('attempt-started'))
    await setDependencies('WP01', 'WP07')
    await writeFile(go, '')
    return { mission, running, setDependencies }
  }

  itInFull('end nothing while they are unsound: the run continues once they are sound again', async () => {
    const { mission, running, setDependencies } = await begun(600)
    const told = await running.waitForEvent(isTold('mission-unclear'))
    expect(told).toMatchObject({ reason: 'WP02 depends on WP07, which the mission does not have' })
    await setDependencies('WP01')
    const result = await running.exited
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
  })

  it('end the run when that lasts, once what runs is done, and the named correction lets resume continue', async () => {
    const { mission, running, setDependencies } = await begun(1)
    const result = await running.exited
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toContain('WP02 depends on WP07, which the mission does not have')
    expect(result.stderr).toMatch(/correct 'dependencies' in kitty-specs\/.*\n *next: sko resume/)
    expect((await lanesOf(mission)).WP01).toBe('approved')

    const refused = await runSko(mission, ['resume'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain(`spec-kitty agent mission finalize-tasks --mission ${mission.slug}`)
    await setDependencies('WP01')
    expect((await runSko(mission, ['resume'])).exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
  })
})

itInFull('lanes recomputed in the middle of a run put no second agent into a worktree in use', async () => {
  const mission = await createScenario({
    shape: { WP01: [], WP02: [], WP03: [] },
    topology: 'lanes',
    lanes: { WP01: 'a', WP02: 'b', WP03: 'b' },
  })
  const [go1, go2] = [mission.path('go1'), mission.path('go2')]
  await mission.setAgents([
    { role: 'implementation', wp: 'WP01', do: 'hang', file: go1 },
    { role: 'implementation', wp: 'WP02', do: 'hang', file: go2 },
  ])
  const running = startSko(mission, ['orchestrate', '--mission', mission.slug])
  const first = await mission.waitForStart({ wp: 'WP01' })
  await mission.waitForStart({ wp: 'WP02' })
  await until('both in progress', async () => (await lanesOf(mission)).WP02 === 'in_progress')
  await mission.updateState(state => {
    if (state.wps.WP03) state.wps.WP03.laneId = 'lane-a'
  })
  await writeFile(go2, '')
  const waits = await running.waitForEvent(event => event.type === 'wp-waiting' && event.wpId === 'WP03')
  expect(waits).toMatchObject({ reason: expect.stringMatching(/^WP01 works in its lane worktree /) })
  expect(isAlive(first.pid)).toBe(true)
  expect(mission.starts().filter(({ wp }) => wp === 'WP03')).toEqual([])
  await writeFile(go1, '')
  const result = await running.exited
  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(mission.starts().find(({ wp }) => wp === 'WP03')?.cwd).toBe(first.cwd)
})

it('a lane that is changed between two runs: nothing is begun without its work, and the named command brings it', async () => {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
  await mission.setAgents([{ role: 'implementation', do: 'change-and-hang', write: 'half.txt' }])
  const running = startSko(mission, ['orchestrate', '--mission', mission.slug])
  const { cwd } = await mission.waitForStart({ wp: 'WP01' })
  await until('its change', () => existsSync(join(cwd, 'half.txt')))
  running.kill('SIGINT')
  await running.exited
  await mission.updateState(state => {
    if (state.wps.WP01) state.wps.WP01.laneId = 'lane-q'
  })
  await mission.setAgents([])

  const held = await runSko(mission, ['resume'])

  expect(held.exitCode).toBe(1)
  expect(mission.starts()).toHaveLength(1)
  const cure = /which does not have its work: (git -C \S+ merge \S+)/.exec(held.stdout)?.[1]
  expect(cure, held.stdout).toBeDefined()
  await execa('sh', ['-c', String(cure)], { cwd: mission.repo, env: mission.env })
  const done = await runSko(mission, ['resume'])
  expect([done.exitCode, done.stderr]).toEqual([0, ''])
  expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
  expect(mission.starts().at(-1)?.cwd).toMatch(/-lane-q$/)
  expect(existsSync(join(mission.starts().at(-1)?.cwd ?? '', 'half.txt'))).toBe(true)
})

describeInFull('a WP that a person has put to work before what it needs', () => {
  const held = async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' })
    const go = mission.path('go')
    await mission.setAgents([{ role: 'implementation', wp: 'WP01', do: 'hang', file: go }])
    const running = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await mission.waitForStart({ wp: 'WP01' })
    await mission.updateState(state => {
      if (state.wps.WP02) state.wps.WP02.lane = 'blocked'
    })
    return { mission, go, running }
  }
  const implementations = (starts: readonly { readonly role: string; readonly wp: string | null }[]) =>
    starts.filter(({ role }) => role === 'implementation').map(({ wp }) => wp)

  it('by sko retry while the run is running, waits for it', async () => {
    const { mission, go, running } = await held()
    expect((await runSko(mission, ['retry', 'WP02'])).exitCode).toBe(0)
    expect((await lanesOf(mission)).WP02).toBe('in_progress')
    const looked = await running.waitForEvent(
      event => event.type === 'lane-changed' && event.wpId === 'WP02' && event.to === 'in_progress',
    )
    expect(looked).toBeDefined()
    await writeFile(go, '')
    const result = await running.exited
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
    const ended = result.events().findIndex(event => event.type === 'lane-changed' && event.to === 'approved')
    const began = result.events().findIndex(event => event.type === 'attempt-started' && event.wpId === 'WP02')
    expect(ended).toBeLessThan(began)
    expect(implementations(mission.starts())).toEqual(['WP01', 'WP02'])
  })

  it('by sko retry between two runs, waits for it', async () => {
    const { mission, running } = await held()
    running.kill('SIGINT')
    await running.exited
    await mission.setAgents([])
    expect((await runSko(mission, ['retry', 'WP02'])).exitCode).toBe(0)
    expect((await lanesOf(mission)).WP02).toBe('in_progress')
    const result = await runSko(mission, ['resume'])
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(implementations(mission.starts())).toEqual(['WP01', 'WP01', 'WP02'])
  })
})
