import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, describe, expect, it } from 'vitest'
import { createFakeMission, type FakeMission, type FakeMissionInit } from '../cli/support/fake-mission.ts'
import { expectNothingLeft } from '../cli/support/leaks.ts'
import { callOf, runHost } from '../cli/support/run-host.ts'

const missions: FakeMission[] = []

afterEach(async () => {
  for (const mission of missions.splice(0)) {
    await expectNothingLeft(mission)
    await mission.dispose()
  }
})

describe('the fake host keeps what it is given', () => {
  it('loses nothing of 20 calls at once, and numbers them all', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `WP${String(index + 1).padStart(2, '0')}`)
    const mission = await seeded({ shape: Object.fromEntries(ids.map(id => [id, []])) })

    const answers = await Promise.all(ids.map(id => runHost(mission, callOf(mission, 'start-implementation', id))))

    expect(answers.map(answer => answer.exitCode)).toEqual(ids.map(() => 0))
    const state = await mission.state()
    expect(Object.values(state.wps).map(wp => wp.lane)).toEqual(ids.map(() => 'in_progress'))
    expect(state.events).toHaveLength(40)
    const journal = await mission.journal()
    expect(journal.map(call => call.n)).toEqual(ids.map((_, index) => index + 1))
    expect(journal.every(call => call.exit === 0 && call.mutates)).toBe(true)
    const branches = await mission.git('branch', '--list', '--format', '%(refname:short)', 'kitty/*-lane-*')
    expect(branches.split('\n')).toHaveLength(20)
  })

  it.each(['lanes', 'legacy'] as const)(
    'refuses a lane without a commit in %s, and lets it pass with one',
    async topology => {
      const mission = await seeded({ shape: { WP01: [] }, topology })
      await runHost(mission, callOf(mission, 'start-implementation', 'WP01'))

      const empty = await runHost(mission, callOf(mission, 'transition', 'WP01', '--to', 'for_review'))
      await commitInLane(mission, 'lane-a', 'one.txt')
      const worked = await runHost(mission, callOf(mission, 'transition', 'WP01', '--to', 'for_review'))

      expect(JSON.parse(empty.stdout)).toMatchObject({
        error_code: 'TRANSITION_REJECTED',
        data: { lane_id: 'lane-a', message: expect.stringContaining('no implementation commit on lane lane-a') },
      })
      expect(worked.exitCode).toBe(0)
    },
  )

  it('gives a dependent the code of its dependencies', async () => {
    const mission = await seeded({ shape: { WP01: [], WP02: [], WP03: ['WP01', 'WP02'] } })
    for (const [wpId, lane] of [
      ['WP01', 'lane-a'],
      ['WP02', 'lane-b'],
    ] as const) {
      await runHost(mission, callOf(mission, 'start-implementation', wpId))
      await commitInLane(mission, lane, `${wpId}.txt`)
    }
    await mission.updateState(state => {
      for (const wp of Object.values(state.wps)) if (wp.dependencies.length === 0) wp.lane = 'approved'
    })

    const answer = await runHost(mission, callOf(mission, 'start-implementation', 'WP03'))

    expect(answer.exitCode).toBe(0)
    const files = ['WP01.txt', 'WP02.txt'].map(file => join(worktree(mission, 'lane-c'), 'src', file))
    expect(files.map(existsSync)).toEqual([true, true])
  })

  it('wants the subtasks marked, and remembers marks', async () => {
    const mission = await seeded({ shape: { WP01: [] }, subtasks: { WP01: ['T001', 'T002'] } })
    await runHost(mission, callOf(mission, 'start-implementation', 'WP01'))
    const mark = [
      'agent',
      'tasks',
      'mark-status',
      'T001',
      'T002',
      '--status',
      'done',
      '--mission',
      mission.slug,
      '--json',
    ]

    await runHost(mission, mark, { cwd: worktree(mission, 'lane-a') })
    const answer = await runHost(mission, callOf(mission, 'transition', 'WP01', '--to', 'for_review'))

    expect(answer.exitCode).toBe(0)
    expect((await mission.journal())[1]).toMatchObject({ command: 'mark-status', wp: 'WP01', mutates: true })
  })

  it('says when force was used', async () => {
    const mission = await seeded({ shape: { WP01: [] } })
    await runHost(mission, callOf(mission, 'transition', 'WP01', '--to', 'claimed'))
    await runHost(mission, callOf(mission, 'transition', 'WP01', '--to', 'done', '--force', '--note', 'by hand'))

    expect((await mission.state()).events.map(event => event.force)).toEqual([false, true])
  })

  it('takes writes for the full slug alone, reads for its short forms too', async () => {
    const mission = await seeded({ shape: { WP01: [] } })
    const read = ['orchestrator-api', 'mission-state', '--mission']
    const write = callOf(mission, 'start-implementation', 'WP01').map(arg => (arg === mission.slug ? 'demo' : arg))

    const reads = await Promise.all(['demo', '01M7FAKE', mission.slug].map(slug => runHost(mission, [...read, slug])))

    expect(reads.map(answer => answer.exitCode)).toEqual([0, 0, 0])
    expect(JSON.parse((await runHost(mission, write)).stdout)).toMatchObject({ error_code: 'TRANSITION_REJECTED' })
    expect((await runHost(mission, [...read, 'demo'], { cwd: mission.hostDir })).stdout).toContain('MISSION_NOT_FOUND')
  })
})

async function seeded(init: FakeMissionInit): Promise<FakeMission> {
  const mission = await createFakeMission(init)
  missions.push(mission)
  return mission
}

function worktree(mission: FakeMission, laneId: string): string {
  return join(mission.repo, '.worktrees', `${mission.slug}-${laneId}`)
}

async function commitInLane(mission: FakeMission, laneId: string, file: string): Promise<void> {
  const cwd = worktree(mission, laneId)
  await writeFile(join(cwd, 'src', file), 'work\n')
  await execa('git', ['add', '--all'], { cwd, env: mission.env })
  await execa('git', ['commit', '--quiet', '--message', 'Work'], { cwd, env: mission.env })
}
