import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { processesWithMarker } from './support/leaks.ts'
import { type RunningSko, runSko, startSko } from './support/run-sko.ts'
import { type AgentStart, createScenario, isAlive, lanesOf, linesOf, type Scenario, until } from './support/scenario.ts'

const single = { shape: { WP01: [] }, topology: 'lanes' } as const
const graceSeconds = 5

/** A run whose first implementation hangs, with half of its work uncommitted in the worktree. */
async function startHanging(mission: Scenario): Promise<{ readonly sko: RunningSko; readonly agent: AgentStart }> {
  await mission.setAgents([{ role: 'implementation', attempt: 1, do: 'hang' }])
  const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
  const agent = await mission.waitForStart({ role: 'implementation' })
  await sko.waitForEvent(event => event.type === 'attempt-started')
  await writeFile(join(agent.cwd, 'src', 'half.txt'), 'half of the work\n')
  return { sko, agent }
}

async function expectHalfKept(mission: Scenario): Promise<void> {
  expect(await mission.git('show', `kitty/mission-${mission.slug}-lane-a:src/half.txt`)).toBe('half of the work')
}

describe('a signal', () => {
  it('ends the agent, keeps its work, and resume goes on', async () => {
    const mission = await createScenario(single)
    const { sko, agent } = await startHanging(mission)

    const asked = performance.now()
    sko.kill('SIGINT')
    const result = await sko.exited

    expect(result.exitCode).toBe(130)
    expect(performance.now() - asked).toBeLessThan((graceSeconds + 2) * 1000)
    expect(isAlive(agent.pid)).toBe(false)
    await expectHalfKept(mission)
    expect(result.stdout).toMatch(/^Next:\n {2}sko resume$/m)
    expect(await lanesOf(mission)).toEqual({ WP01: 'in_progress' })

    const refused = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toMatch(/not finished[\s\S]*sko resume[\s\S]*sko abort/)

    expect((await runSko(mission, ['resume'])).exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'done' })
    await expectHalfKept(mission)
  })

  it.each([
    { signal: 'SIGTERM', exitCode: 143 },
    { signal: 'SIGHUP', exitCode: 129 },
  ] as const)('$signal exits $exitCode', async ({ signal, exitCode }) => {
    const mission = await createScenario(single)
    const { sko, agent } = await startHanging(mission)

    sko.kill(signal)

    expect((await sko.exited).exitCode).toBe(exitCode)
    expect(isAlive(agent.pid)).toBe(false)
    await expectHalfKept(mission)
  })

  it('is obeyed within the grace and 2 s although the agent ignores TERM', async () => {
    const { sko, alive } = await startStubborn()

    const asked = performance.now()
    sko.kill('SIGINT')
    const result = await sko.exited
    const elapsed = performance.now() - asked

    expect(result.exitCode).toBe(130)
    expect(elapsed).toBeGreaterThan(graceSeconds * 1000)
    expect(elapsed).toBeLessThan((graceSeconds + 2) * 1000)
    expect(alive()).toEqual([])
  })

  it('given twice ends at once', async () => {
    const { sko, alive } = await startStubborn()

    const asked = performance.now()
    sko.kill('SIGINT')
    await sko.waitForEvent(event => event.type === 'stopping')
    const heard = performance.now()
    // A terminal that closes sends several signals for one wish: those of the first 300 ms count as one.
    const again = setInterval(() => sko.kill('SIGINT'), 20)
    const result = await sko.exited
    clearInterval(again)

    expect(result.exitCode).toBe(130)
    expect(performance.now() - asked).toBeGreaterThan(300)
    expect(performance.now() - heard).toBeLessThan(1300)
    expect(alive()).toEqual([])
  })
})

/** An agent that ignores TERM, and so do its children. */
async function startStubborn(): Promise<{ readonly sko: RunningSko; readonly alive: () => readonly string[] }> {
  const mission = await createScenario(single)
  const command = await mission.script('stubborn', `trap '' TERM INT HUP\necho ready\nwhile :; do sleep 100; done`)
  await mission.writeConfig(`agents: {implementation: [stubborn], custom: {stubborn: {command: ['${command}']}}}\n`)
  const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
  const { log, runId } = await sko.waitForEvent(event => event.type === 'attempt-started')
  const agents = () => processesWithMarker('SKO_ATTEMPT', `${runId}/`).filter(process => process.command !== '')
  await until('the agent', () => linesOf(`${log}.out.log`).includes('ready'))
  const started = agents()
  expect(started).not.toEqual([])
  return { sko, alive: () => started.filter(({ pid }) => isAlive(pid)).map(({ command }) => command) }
}

describe('sko abort', () => {
  it('stops a living run, keeps its work, and lets another begin', async () => {
    const mission = await createScenario(single)
    const { sko, agent } = await startHanging(mission)

    const abort = await runSko(mission, ['abort'])

    expect(abort.exitCode).toBe(0)
    expect(abort.stdout).toContain(`asking process ${sko.pid} to stop`)
    expect((await sko.exited).exitCode).toBe(143)
    expect(isAlive(agent.pid)).toBe(false)
    await expectHalfKept(mission)
    const resume = await runSko(mission, ['resume'])
    expect([resume.exitCode, resume.stderr]).toEqual([
      2,
      expect.stringContaining(`sko orchestrate --mission ${mission.slug}`),
    ])

    expect((await runSko(mission, ['orchestrate', '--mission', mission.slug])).exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'done' })
    await expectHalfKept(mission)
  })

  it('cleans up after a dead one', async () => {
    const mission = await createScenario(single)
    const { sko, agent } = await startHanging(mission)
    sko.kill('SIGKILL')
    await sko.exited
    expect(isAlive(agent.pid)).toBe(true)

    const abort = await runSko(mission, ['abort'])

    expect(abort.exitCode).toBe(0)
    expect(abort.stdout).toContain('ended 1 process(es) of the run')
    expect(isAlive(agent.pid)).toBe(false)
    await expectHalfKept(mission)
    expect((await runSko(mission, ['orchestrate', '--mission', mission.slug])).exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'done' })
  })
})

describe('two runs at once', () => {
  it('one runs, the other exits 4 and says who holds the run', async () => {
    const mission = await createScenario(single, [{ role: 'implementation', attempt: 1, do: 'hang' }])
    const both = [0, 1].map(() => startSko(mission, ['orchestrate', '--mission', mission.slug]))

    const { loser, result } = await Promise.race(both.map(async loser => ({ loser, result: await loser.exited })))

    const winner = both.find(sko => sko !== loser)
    expect(result.exitCode).toBe(4)
    const started = await winner?.waitForEvent(event => event.type === 'run-started')
    expect(result.stderr).toContain(`run ${started?.runId} owns this repository: process ${winner?.pid}`)
    expect(result.stderr).not.toMatch(/^\s+at /m)
    await mission.waitForStart({ role: 'implementation' })
    const retry = await runSko(mission, ['resume'])
    expect([retry.exitCode, retry.stderr]).toEqual([4, expect.stringContaining(`process ${winner?.pid}`)])
    winner?.kill('SIGINT')
    expect((await winner?.exited)?.exitCode).toBe(130)
    expect(mission.starts()).toHaveLength(1)
  })
})
