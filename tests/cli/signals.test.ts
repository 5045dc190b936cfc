import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRunLock } from '../../src/state/run-lock.ts'
import { cover, itInFull } from '../in-full.ts'
import { type RunningSko, runSko, startSko } from './support/run-sko.ts'
import { type AgentStart, createScenario, isAlive, lanesOf, type Scenario, until } from './support/scenario.ts'
import { expectAsPromised, graceSeconds, type Signaled, signalIn, signalWays } from './support/send-signal.ts'
import { oneWorkPackage, signalPhases } from './support/signal-phases.ts'

/** A run whose first implementation hangs, with half of its work uncommitted in the worktree. */
async function startHanging(
  mission: Scenario,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly sko: RunningSko; readonly agent: AgentStart }> {
  await mission.setAgents([{ role: 'implementation', attempt: 1, do: 'hang' }])
  const sko = startSko(mission, ['orchestrate', '--mission', mission.slug], { env })
  const agent = await mission.waitForStart({ role: 'implementation' })
  await sko.waitForEvent(event => event.type === 'attempt-started')
  await writeFile(join(agent.cwd, 'src', 'half.txt'), 'half of the work\n')
  return { sko, agent }
}

async function expectHalfKept(mission: Scenario): Promise<void> {
  expect(await mission.git('show', `kitty/mission-${mission.slug}-lane-a:src/half.txt`)).toBe('half of the work')
}

function signaled(name: string, way: string): Promise<Signaled> {
  const [phase] = signalPhases.filter(phase => phase.name === name)
  const [how] = signalWays.filter(other => other.name === way)
  if (!phase || !how) throw new Error(`${name}, ${way}`)
  return signalIn(phase, how).then(({ mission: _, ...result }) => result)
}

describe('a signal', () => {
  it('ends the agent, keeps its work, waits for no notification, and resume continues', async () => {
    const mission = await createScenario(oneWorkPackage)
    await mission.writeConfig(`notify: {command: 'sleep 1000'}\n`)
    const { sko, agent } = await startHanging(mission)

    const asked = performance.now()
    sko.kill('SIGINT')
    const result = await sko.exited

    expect(result.exitCode).toBe(130)
    expect(performance.now() - asked).toBeLessThan((graceSeconds + 2) * 1000)
    expect(result.stdout).toContain('notify.command was stopped: the run has ended')
    expect(isAlive(agent.pid)).toBe(false)
    await expectHalfKept(mission)
    expect(result.stdout).toMatch(/^Next:\n {2}sko resume {3}\(/m)
    expect(await lanesOf(mission)).toEqual({ WP01: 'in_progress' })

    const refused = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toMatch(/not finished[\s\S]*sko resume[\s\S]*sko abort/)

    expect((await runSko(mission, ['resume'])).exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    await expectHalfKept(mission)
  })

  // A diagonal of what tests/crash-long/signals-matrix.test.ts tries in full.
  it.each(
    cover(1, [
      [
        'the check of a host that tells nothing of the mission, Ctrl+C',
        'implementation by a family that ignores TERM, Ctrl+C twice',
        'check, HUP',
        'accept, TERM',
      ],
      [
        'the first look at the mission, TERM',
        'implementation by a family that ignores TERM, HUP',
        'claim, Ctrl+C',
        'paused, TERM',
      ],
    ]),
  )('in: %s; %s; %s; %s', async (...cases) => {
    const named = cases.map(text => text.split(/, (?=[^,]+$)/))
    const results = await Promise.all(named.map(([phase = '', way = '']) => signaled(phase, way)))

    expectAsPromised(results)
    const graceful = results.filter(({ way }) => way !== 'Ctrl+C twice').map(({ elapsedMs }) => elapsedMs)
    expect(Math.max(...graceful)).toBeLessThan((graceSeconds + 2) * 1000)
  })
})

describe('a closed terminal, where the configuration leaves the agents running', () => {
  it('ends only sko, says how to continue, and abort ends them and keeps their work', async () => {
    const mission = await createScenario(oneWorkPackage)
    await mission.writeConfig('on_hangup: leave\n')
    const { sko, agent } = await startHanging(mission)

    sko.kill('SIGHUP')
    const { exitCode, stdout, events } = await sko.exited

    expect([exitCode, isAlive(agent.pid), readRunLock(join(mission.repo, '.kittify'))]).toEqual([129, true, null])
    expect(events().slice(-2)).toMatchObject([
      { type: 'stopping', signal: 'SIGHUP', agentsLeft: 1 },
      { type: 'run-ended', exitCode: 129, next: [{ command: 'sko resume' }] },
    ])
    expect(stdout).toMatch(
      /SIGHUP: sko exits, 1 agent\(s\) keep running without it .*; next: sko resume \(follows them again\)$/m,
    )

    const abort = await runSko(mission, ['abort'])
    expect([abort.exitCode, abort.stderr, isAlive(agent.pid)]).toEqual([0, '', false])
    expect(abort.stdout).toMatch(/^ended \d+ process\(es\) of the run$/m)
    await expectHalfKept(mission)
  })
})

describe('sko abort', () => {
  it('stops a living run, keeps its work, and lets another begin', async () => {
    const mission = await createScenario(oneWorkPackage)
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
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    await expectHalfKept(mission)
  })

  itInFull('kills one that hangs and does not hear it, ends its agents, and keeps their work', async () => {
    const mission = await createScenario(oneWorkPackage)
    const block = `delete process.env.NODE_OPTIONS
process.on('SIGUSR2', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))`
    const preload = `data:text/javascript,${encodeURIComponent(block)}`
    const { sko, agent } = await startHanging(mission, { NODE_OPTIONS: `--import=${preload}` })
    sko.kill('SIGUSR2')

    const abort = await runSko(mission, ['abort'])

    expect([abort.exitCode, abort.stderr]).toEqual([0, ''])
    expect(abort.stdout).toMatch(
      /^asking process \d+ to stop\nprocess \d+ did not stop in 10 s; killing it\nended \d+ process/,
    )
    expect([(await sko.exited).signal, isAlive(agent.pid)]).toEqual(['SIGKILL', false])
    await expectHalfKept(mission)
    expect((await runSko(mission, ['orchestrate', '--mission', mission.slug])).exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
  })

  it('wakes a suspended one to stop, also before it has begun anything', async () => {
    const mission = await createScenario(oneWorkPackage)
    await mission.setFaults([{ command: 'mission-state', fault: 'hang' }])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await until('the first call', async () => (await mission.journal()).length > 0)
    sko.kill('SIGSTOP')

    const abort = await runSko(mission, ['abort'])

    expect([abort.exitCode, abort.stderr]).toEqual([0, ''])
    expect(abort.stdout).toMatch(/^asking process \d+ to stop\nrun \S+ had not started anything\n$/)
    expect((await sko.exited).exitCode).toBe(143)
  })
})

describe('two runs at once', () => {
  it('one runs, the other exits 4 and says who holds the run', async () => {
    const mission = await createScenario(oneWorkPackage, [{ role: 'implementation', attempt: 1, do: 'hang' }])
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
