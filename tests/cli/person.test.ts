import { existsSync, readdirSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeInFull, itInFull } from '../in-full.ts'
import { runSko, startSko } from './support/run-sko.ts'
import { createScenario, isAlive, lanesOf, type Scenario, until } from './support/scenario.ts'

const chain = { shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' } as const

async function expectNoRequests(mission: Scenario): Promise<void> {
  const folder = join(mission.repo, '.kittify', 'orchestrator-requests')
  await until('an empty folder of requests', () => !existsSync(folder) || readdirSync(folder).length === 0)
}

describe('sko pause and sko continue', () => {
  it('let the run finish what is running, start nothing, say so, and continue', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    const gate = mission.path('gate')
    await mission.setAgents([{ role: 'implementation', wp: 'WP01', do: 'hang', file: gate }])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug, '--max-concurrent', '1'])
    await mission.waitForStart({ role: 'implementation' })

    const pause = await runSko(mission, ['pause'])
    expect([pause.exitCode, pause.stderr]).toEqual([0, ''])
    expect(pause.stdout).toBe('paused\nrunning attempts finish, no new ones start; continue with: sko continue\n')
    await writeFile(gate, '')
    await sko.waitForEvent(event => event.type === 'work-committed')
    const status = await runSko(mission, ['status'])
    expect(status.stdout).toContain(`: paused, process ${sko.pid}; continue with: sko continue\n`)
    expect(mission.starts()).toHaveLength(1)

    const goOn = await runSko(mission, ['continue'])
    expect([goOn.exitCode, goOn.stdout]).toEqual([0, 'the run continues\n'])
    expect((await sko.exited).exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
    await expectNoRequests(mission)

    const watch = startSko(mission, ['status', '--watch'])
    await until('two looks', () => watch.output().split(`of mission ${mission.slug}: finished\n`).length > 2)
    watch.kill('SIGINT')
    expect((await watch.exited).signal).toBe('SIGINT')

    const nobody = await runSko(mission, ['pause'])
    expect([nobody.exitCode, nobody.stderr]).toEqual([
      2,
      'sko: no run is active in this repository\n     next: sko status   (shows the last run)\n',
    ])
  })
})

describe('sko skip', () => {
  it('ends the running agent, keeps its work, cancels the WP, and the others continue', async () => {
    const mission = await createScenario(chain)
    await mission.setAgents([{ role: 'implementation', wp: 'WP01', do: 'hang' }])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    const agent = await mission.waitForStart({ role: 'implementation' })
    await writeFile(join(agent.cwd, 'src', 'half.txt'), 'half of the work\n')

    const skip = await runSko(mission, ['skip', 'WP01', '--reason', 'not needed'])

    expect([skip.exitCode, skip.stderr]).toEqual([0, ''])
    const branch = `kitty/mission-${mission.slug}-lane-a`
    expect(skip.stdout).toBe(
      `WP01 in_progress -> canceled\nits work so far stays on ${branch}, and a merge by the host includes it\nwork packages that depend on it may start\nsko neither merges nor accepts a mission with a canceled work package; once the others are done, a person has to accept it: spec-kitty accept --mission ${mission.slug}\n`,
    )
    expect(isAlive(agent.pid)).toBe(false)
    expect(await mission.git('show', `${branch}:src/half.txt`)).toBe('half of the work')
    expect((await sko.exited).exitCode).toBe(1)
    expect(await lanesOf(mission)).toEqual({ WP01: 'canceled', WP02: 'approved' })

    const again = await runSko(mission, ['skip', 'WP01'])
    expect([again.exitCode, again.stderr]).toEqual([
      2,
      'sko: WP01 is already canceled\n     sko status shows what is left\n',
    ])
  })

  itInFull('after a kill -9 ends the agent of its WP and no other, which status shows and resume adopts', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    const gate = mission.path('gate')
    await mission.setAgents([
      { role: 'implementation', wp: 'WP01', do: 'hang' },
      { role: 'implementation', wp: 'WP02', do: 'hang', file: gate },
    ])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    const agent = await mission.waitForStart({ role: 'implementation', wp: 'WP01' })
    const other = await mission.waitForStart({ role: 'implementation', wp: 'WP02' })
    await writeFile(join(agent.cwd, 'src', 'half.txt'), 'half of the work\n')
    sko.kill('SIGKILL')
    await sko.exited

    const skip = await runSko(mission, ['skip', 'WP01'])

    expect([skip.exitCode, skip.stderr]).toEqual([0, ''])
    // The shell above the agent, and the agent.
    expect(skip.stdout).toMatch(/^WP01: ended 2 process\(es\) that the run left behind\nWP01: its work is on the lane/)
    expect(skip.stdout).toMatch(/WP01 in_progress -> canceled[\s\S]*continue with the others: sko resume\n$/)
    expect([isAlive(agent.pid), isAlive(other.pid)]).toEqual([false, true])
    expect(await mission.git('show', `kitty/mission-${mission.slug}-lane-a:src/half.txt`)).toBe('half of the work')
    const status = await runSko(mission, ['status'])
    expect(status.stdout).toMatch(
      /WP02 .*its agent is running without sko; next: sko resume \(continues with it\), sko abort \(ends it\)/,
    )
    await writeFile(gate, '')
    expect((await runSko(mission, ['resume'])).exitCode).toBe(1)
    expect(await lanesOf(mission)).toEqual({ WP01: 'canceled', WP02: 'approved' })
    expect(mission.starts().filter(({ wp }) => wp === 'WP02')).toHaveLength(2)
  })
})

describeInFull('sko retry', () => {
  it('reaches the run that is running, and status had listed what was tried', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    const gate = mission.path('gate')
    await mission.setAgents([
      { role: 'implementation', wp: 'WP01', do: 'no-change', times: 0 },
      { role: 'implementation', wp: 'WP02', do: 'hang', file: gate },
    ])
    await mission.writeConfig('agents: {implementation: [codex], review: [claude-code], max_retries: 0}\n')
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    const told = await sko.waitForEvent(event => event.type === 'needs-person')
    const line =
      'attempt 1 (cycle 1): implementation by codex failed: no-change: it reported success but changed nothing'
    expect(told).toMatchObject({ next: [{ command: 'sko retry WP01' }], tried: [line], findings: [] })
    const { stdout: status } = await runSko(mission, ['status'])
    expect(status).toContain(`WP01, tried so far:\n  ${line}\n`)
    expect(status).toContain('it reported success but changed nothing; next: sko retry WP01 (puts it back to work')
    await mission.setAgents([])

    const retry = await runSko(mission, ['unblock', 'WP01', '--reason', 'looked at it'])

    expect([retry.exitCode, retry.stdout]).toEqual([0, 'WP01 blocked -> in_progress\n'])
    await writeFile(gate, '')
    expect((await sko.exited).exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
  })
})

describe('requests that were left to a run that died', () => {
  it('are dropped and said to be undone; a file that is not a request is removed and not read', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const folder = join(mission.repo, '.kittify', 'orchestrator-requests')
    const left = (name: string, content: unknown) => writeFile(join(folder, name), JSON.stringify(content))
    await mkdir(folder)
    await left('1795000000000-0000000a.json', { version: 1, kind: 'retry', wpId: 'WP01', reason: null })
    await left('1795000000000-0000000b.taken', { version: 1, kind: 'skip', wpId: 'WP01', reason: null })
    await left('1795000000000-0000000c.answer', { done: true, message: 'paused', hint: null })
    await left('1795000000000-0000000d.json', { version: 1, kind: 'skip', wpId: '../../etc', reason: null })
    await left('1795000000000-0000000e.json', { version: 1, kind: 'abort' })
    await writeFile(join(folder, '1795000000000-0000000f.json'), '{"version": 1, "ki')
    await symlink('/etc/passwd', join(folder, '1795000000000-00000010.json'))
    await writeFile(join(folder, '--force.json'), '{}')

    const sko = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(sko.exitCode).toBe(0)
    const dropped = sko.events().filter(({ type }) => type === 'request-dropped')
    expect(dropped).toMatchObject([
      { request: 'retry', wpId: 'WP01', begun: false },
      { request: 'skip', wpId: 'WP01', begun: true },
    ])
    expect(sko.stdout).toContain('sko retry WP01 was not done')
    expect(sko.stdout).toContain('sko skip WP01 may have been done only in part')
    const unreadable = sko.events().flatMap(({ type, reason }) => (type === 'request-unreadable' ? [reason] : []))
    expect(unreadable).toEqual(Array(5).fill(expect.stringMatching(/./)))
    // The answer to the one that was left waits for its command, should that still live.
    expect(readdirSync(folder).filter(name => !name.endsWith('.answer'))).toEqual([])
    expect(existsSync('/etc/passwd')).toBe(true)
  })
})
