import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { runSko, startSko } from './support/run-sko.ts'
import { createScenario, isAlive, lanesOf, movesOf, type Scenario, until } from './support/scenario.ts'

const straight = [
  'planned -> claimed',
  'claimed -> in_progress',
  'in_progress -> for_review',
  'for_review -> in_review',
]

/** Each WP went its way once: nothing was moved twice. */
async function expectStraightMoves(mission: Scenario): Promise<void> {
  const moves = await movesOf(mission)
  const ways = ['in_review -> approved', ...((await mission.state()).merged ? ['approved -> done'] : [])]
  for (const id of Object.keys((await mission.state()).wps)) {
    const own = moves.flatMap(move => (move.startsWith(id) ? [move.slice(id.length + 1)] : []))
    expect([id, own]).toEqual([id, [...straight, ...ways]])
  }
}

describe('kill -9', () => {
  it('while three agents work: they keep running, one ends unseen, and each result counts', async () => {
    const ids = ['WP01', 'WP02', 'WP03']
    const mission = await createScenario({ shape: Object.fromEntries(ids.map(id => [id, []])), topology: 'lanes' })
    const go = (wp: string) => mission.path(`go-${wp}`)
    await mission.setAgents(
      ids.map(wp => ({ wp, role: 'implementation', attempt: 1, do: 'change-and-hang', file: go(wp) })),
    )
    const first = startSko(mission, ['orchestrate', '--mission', mission.slug, '--max-concurrent', '3'])
    const agents = await Promise.all(ids.map(wp => mission.waitForStart({ wp, role: 'implementation' })))
    first.kill('SIGKILL')
    await first.exited
    await writeFile(go('WP01'), '')
    await until('the end of the first agent', () => !isAlive(agents[0]?.pid ?? 0))
    expect(agents.map(({ pid }) => isAlive(pid))).toEqual([false, true, true])

    const second = startSko(mission, ['resume'])
    for (const id of ids) await second.waitForEvent(event => event.type === 'attempt-adopted' && event.wpId === id)
    expect(agents.map(({ pid }) => isAlive(pid))).toEqual([false, true, true])
    await Promise.all(['WP02', 'WP03'].map(id => writeFile(go(id), '')))
    const result = await second.exited

    expect(result.exitCode).toBe(0)
    const running = result
      .events()
      .flatMap(event => (event.type === 'attempt-adopted' ? [[event.wpId, event.running]] : []))
    expect(Object.fromEntries(running)).toEqual({ WP01: false, WP02: true, WP03: true })
    expect(
      mission
        .starts()
        .map(({ role }) => role)
        .toSorted(),
    ).toEqual([...ids.map(() => 'implementation'), ...ids.map(() => 'review')])
    await expectStraightMoves(mission)
  })

  it('and a file where requests are left: resume says so at once, and the next one adopts the agent', async () => {
    const mission = await createScenario({ shape: { WP01: [] } })
    const go = mission.path('go')
    await mission.setAgents([{ wp: 'WP01', role: 'implementation', attempt: 1, do: 'change-and-hang', file: go }])
    const first = startSko(mission, ['orchestrate', '--mission', mission.slug])
    const agent = await mission.waitForStart({ wp: 'WP01', role: 'implementation' })
    first.kill('SIGKILL')
    await first.exited
    const requests = join(mission.repo, '.kittify', 'orchestrator-requests')
    await rm(requests, { recursive: true })
    await writeFile(requests, '')

    const refused = await startSko(mission, ['resume']).exited

    expect(refused.stderr).toContain(`sko: Cannot write ${requests}`)
    expect(isAlive(agent.pid)).toBe(true)
    await rm(requests)
    await writeFile(go, '')
    expect((await startSko(mission, ['resume']).exited).exitCode).toBe(0)
    expect(mission.starts()).toHaveLength(2)
  })

  itInFull(
    'in every lane at once: resume adopts what is still wanted, ends the rest, and continues to done',
    async () => {
      const ids = ['WP01', 'WP02', 'WP03', 'WP04', 'WP05', 'WP06']
      const mission = await createScenario({ shape: Object.fromEntries(ids.map(id => [id, []])), topology: 'lanes' })
      const go = mission.path('go')
      await mission.setAgents([
        ...['WP01', 'WP02'].map(wp => ({ wp, role: 'implementation', attempt: 1, do: 'hang' }) as const),
        { wp: 'WP03', role: 'implementation', attempt: 1, do: 'hang', file: go },
        { wp: 'WP04', role: 'review', attempt: 1, do: 'hang' },
        { wp: 'WP05', role: 'review', attempt: 1, do: 'hang', file: go },
      ])
      const first = startSko(mission, ['orchestrate', '--mission', mission.slug, '--max-concurrent', '6'])
      const agents = await Promise.all([
        ...['WP01', 'WP02', 'WP03'].map(wp => mission.waitForStart({ wp, role: 'implementation' })),
        ...['WP04', 'WP05'].map(wp => mission.waitForStart({ wp, role: 'review' })),
      ])
      await first.waitForEvent(
        event => event.type === 'lane-changed' && event.wpId === 'WP06' && event.to === 'approved',
      )
      first.kill('SIGKILL')
      expect((await first.exited).signal).toBe('SIGKILL')
      const worktree = join(mission.repo, '.worktrees', `${mission.slug}-lane-a`)
      await writeFile(join(worktree, 'src', 'committed.txt'), 'by the killed attempt\n')
      await mission.git('-C', worktree, 'add', '--all')
      await mission.git('-C', worktree, 'commit', '--quiet', '--message', 'WP01: half of it')
      await writeFile(join(worktree, 'src', 'uncommitted.txt'), 'by the killed attempt\n')
      await mission.updateState(({ wps }) => {
        for (const [id, lane] of [
          ['WP01', 'planned'],
          ['WP02', 'claimed'],
          ['WP04', 'for_review'],
          ['WP06', 'approved'],
        ] as const) {
          const wp = wps[id]
          if (wp) wp.lane = lane
        }
      })
      expect(Object.values(await lanesOf(mission))).toEqual([
        ...['planned', 'claimed', 'in_progress', 'for_review', 'in_review', 'approved'],
      ])

      const second = startSko(mission, ['resume'])
      await second.waitForEvent(event => event.type === 'orphans-reaped')
      expect(agents.map(({ wp, pid }) => [wp, isAlive(pid)])).toEqual([
        ['WP01', false],
        ['WP02', false],
        ['WP03', true],
        ['WP04', false],
        ['WP05', true],
      ])
      await writeFile(go, '')
      const result = await second.exited

      expect(result.exitCode).toBe(0)
      expect(await lanesOf(mission)).toEqual(Object.fromEntries(ids.map(id => [id, 'approved'])))
      const history = await mission.git('ls-tree', '-r', '--name-only', `kitty/mission-${mission.slug}-lane-a`, 'src/')
      expect(history.split('\n')).toEqual([
        'src/WP01.txt',
        'src/committed.txt',
        'src/common.txt',
        'src/uncommitted.txt',
      ])
      // A shell and an agent each, and a git of ours if one was looking at the worktree just then.
      expect(result.stdout).toMatch(/ended [6-9] process\(es\) that an earlier run left behind/)
      const begun = (role: string) => mission.starts().flatMap(start => (start.role === role ? [start.wp] : []))
      expect(begun('implementation').toSorted()).toEqual([...ids, 'WP01', 'WP02'].toSorted())
      expect(begun('review').toSorted()).toEqual([...ids, 'WP04'].toSorted())
      const sessions = mission
        .starts()
        .flatMap(({ wp, role, session }) => (wp === 'WP01' && role !== 'review' ? [session] : []))
      expect(sessions[1], 'the session of the ended attempt').toBe(sessions[0])
    },
  )

  itInFull('right after a claim, and while the host still works on one', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' })
    const first = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await first.waitForEvent(event => event.type === 'lane-changed' && event.to === 'in_progress')
    first.kill('SIGKILL')
    await first.exited
    const release = mission.path('release')
    await mission.setFaults([{ command: 'start-implementation', wp: 'WP02', fault: 'wait-file', path: release }])
    const claimOf2 = async () =>
      (await mission.journal()).find(call => call.command === 'start-implementation' && call.wp === 'WP02')
    const second = startSko(mission, ['resume'])
    await until('the claim of WP02', claimOf2)
    second.kill('SIGKILL')
    await second.exited
    await writeFile(release, '')
    await until('the end of the claim', async () => (await claimOf2())?.endedAt)

    const third = await runSko(mission, ['resume'])

    expect(third.exitCode).toBe(0)
    await expectStraightMoves(mission)
  })
})

describe('a lost reply', () => {
  it('of each change is read back, and nothing is done twice', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] } })
    await mission.setFaults([
      { command: 'start-implementation', times: 2, fault: 'die-after' },
      { command: 'start-review', times: 2, fault: 'die-after' },
      { command: 'transition', times: 4, fault: 'die-after' },
      { command: 'merge-mission', fault: 'die-after' },
    ])

    const first = await runSko(mission, ['orchestrate', '--mission', mission.slug, '--merge', 'squash'])

    await expectStraightMoves(mission)
    expect(mission.starts()).toHaveLength(4)
    // Each once, but for the claim, whose reply also names the worktree.
    for (const id of ['WP01', 'WP02']) {
      const changes = (await mission.journal()).filter(call => call.wp === id && call.mutates).map(call => call.command)
      const claims = ['start-implementation', 'start-implementation']
      expect(changes).toEqual([...claims, 'transition', 'start-review', 'transition'])
    }
    expect((await mission.state()).merged).toBe(true)
    // The merge is found on the target.
    expect([first.exitCode, first.stderr]).toEqual([0, ''])
    expect((await mission.state()).acceptances).toHaveLength(1)
    expect(existsSync(join(mission.repo, 'src', 'WP02.txt'))).toBe(true)
    await expectStraightMoves(mission)
  })
})
