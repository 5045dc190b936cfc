import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createFakeMission, type FakeMission, type FakeMissionInit } from '../cli/support/fake-mission.ts'
import type { Fault } from '../cli/support/fake-state.ts'
import { expectNothingLeft, processesWithMarker } from '../cli/support/leaks.ts'
import { callOf, runHost } from '../cli/support/run-host.ts'
import { patienceMs } from '../patience.ts'

const missions: FakeMission[] = []

afterEach(async () => {
  for (const mission of missions.splice(0)) {
    await expectNothingLeft(mission)
    await mission.dispose()
  }
})

describe('a planned fault', () => {
  const claim = ['--to', 'claimed']

  it.each<readonly [Fault, 'planned' | 'claimed', object]>([
    [{ fault: 'die-before' }, 'planned', { signal: 'SIGKILL', stdout: '' }],
    [{ fault: 'die-after' }, 'claimed', { signal: 'SIGKILL', stdout: '' }],
    [{ fault: 'delay', ms: 50 }, 'claimed', { exitCode: 0 }],
    [
      { fault: 'garbage' },
      'planned',
      { exitCode: 0, stdout: expect.stringContaining('{"contract_version": "1.5.0", "comm') },
    ],
    [{ fault: 'html' }, 'planned', { exitCode: 0, stdout: expect.stringContaining('<html>') }],
    [{ fault: 'nothing' }, 'planned', { exitCode: 0, stdout: '', stderr: '' }],
    [{ fault: 'traceback' }, 'planned', { exitCode: 1, stdout: '', stderr: expect.stringContaining('Traceback') }],
    [{ fault: 'exit', code: 4 }, 'planned', { exitCode: 4, stdout: '', stderr: expect.stringContaining('upgrade') }],
    [
      { fault: 'wrong-command' },
      'claimed',
      { exitCode: 0, stdout: expect.stringContaining('orchestrator-api.list-ready') },
    ],
    [
      { fault: 'error', code: 'NEW_CODE', message: 'no' },
      'planned',
      { exitCode: 1, stdout: expect.stringContaining('NEW_CODE') },
    ],
    [{ fault: 'success-without-data' }, 'claimed', { exitCode: 0, stdout: expect.not.stringContaining('"data"') }],
    [{ fault: 'two-documents' }, 'claimed', { exitCode: 0, stdout: expect.stringContaining('}{') }],
  ])('%o leaves the WP in %s', async (fault, lane, expected) => {
    const mission = await seeded({ shape: { WP01: [] } })
    await mission.setFaults([{ ...fault, command: 'transition', wp: 'WP01' }])

    const answer = await runHost(mission, callOf(mission, 'transition', 'WP01', ...claim))

    expect(answer).toMatchObject(expected)
    expect((await mission.state()).wps.WP01?.lane).toBe(lane)
    const [call] = await mission.journal()
    expect(call).toMatchObject({ fault: fault.fault, exit: fault.fault.startsWith('die') ? null : answer.exitCode })
  })

  it('waits for a file', async () => {
    const mission = await seeded({ shape: { WP01: [] } })
    const path = join(mission.hostDir, 'go')
    await mission.setFaults([{ fault: 'wait-file', path, call: 1 }])

    const waiting = runHost(mission, callOf(mission, 'transition', 'WP01', ...claim))
    await journalHas(mission, 1)
    const meanwhile = await runHost(mission, ['orchestrator-api', 'mission-state', '--mission', mission.slug])
    await writeFile(path, '')

    expect(meanwhile.stdout).toContain('"lane":"planned"')
    expect(await waiting).toMatchObject({ exitCode: 0 })
  })

  it('hangs until it is killed, and is found by its marker', async () => {
    const mission = await seeded({ shape: { WP01: [] } })
    await mission.setFaults([{ fault: 'hang' }])

    const hanging = runHost(mission, callOf(mission, 'transition', 'WP01', ...claim))
    const call = await journalHas(mission, 1)
    const marked = processesWithMarker('SKO_REPO', mission.repo)
    process.kill(call.pid, 'SIGKILL')

    expect(marked.map(found => found.pid)).toContain(call.pid)
    expect(await hanging).toMatchObject({ signal: 'SIGKILL' })
    expect((await mission.journal())[0]).toMatchObject({ endedAt: null, exit: null })
  })

  it('dies midway and leaves a worktree that start-implementation refuses', async () => {
    const mission = await seeded({ shape: { WP01: [] } })
    await mission.setFaults([{ fault: 'die-midway' }])
    const call = callOf(mission, 'start-implementation', 'WP01')

    const killed = await runHost(mission, call)
    const refused = await runHost(mission, call)
    await mission.git('worktree', 'remove', '--force', join('.worktrees', `${mission.slug}-lane-a`))
    const cured = await runHost(mission, call)

    expect(killed.signal).toBe('SIGKILL')
    expect(JSON.parse(refused.stdout)).toMatchObject({ error_code: 'LANE_ALLOCATION_FAILED' })
    expect(cured.exitCode).toBe(0)
  })

  it('strikes as often as planned, and only the calls it is for', async () => {
    const mission = await seeded({ shape: { WP01: [], WP02: [] } })
    await mission.setFaults([{ fault: 'nothing', wp: 'WP02', times: 2 }])
    const note = (wpId: string) => runHost(mission, callOf(mission, 'append-history', wpId, '--note', 'x'))

    const printed = [await note('WP01'), await note('WP02'), await note('WP02'), await note('WP02')]

    expect(printed.map(answer => answer.stdout !== '')).toEqual([true, false, false, true])
    expect((await mission.state()).events).toHaveLength(2)
  })
})

async function seeded(init: FakeMissionInit): Promise<FakeMission> {
  const mission = await createFakeMission(init)
  missions.push(mission)
  return mission
}

async function journalHas(mission: FakeMission, n: number) {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const call = (await mission.journal()).find(entry => entry.n === n)
    if (call !== undefined) return call
    if (Date.now() > deadline) throw new Error(`call ${n} never began`)
    await sleep(10)
  }
}
