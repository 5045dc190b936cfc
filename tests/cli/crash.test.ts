import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
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
  for (const id of Object.keys((await mission.state()).wps)) {
    const own = moves.flatMap(move => (move.startsWith(id) ? [move.slice(id.length + 1)] : []))
    expect([id, own]).toEqual([id, [...straight, 'in_review -> done']])
  }
}

describe('kill -9', () => {
  it('in every lane at once: resume ends what still runs, keeps its work, and goes on to done', async () => {
    const ids = ['WP01', 'WP02', 'WP03', 'WP04', 'WP05', 'WP06']
    const mission = await createScenario({ shape: Object.fromEntries(ids.map(id => [id, []])), topology: 'lanes' }, [
      ...['WP01', 'WP02', 'WP03'].map(wp => ({ wp, role: 'implementation', attempt: 1, do: 'hang' }) as const),
      ...['WP04', 'WP05'].map(wp => ({ wp, role: 'review', attempt: 1, do: 'hang' }) as const),
    ])
    const go = mission.path('go')
    const first = startSko(mission, ['orchestrate', '--mission', mission.slug, '--max-concurrent', '6'])
    const killed = await Promise.all([
      ...['WP01', 'WP02', 'WP03'].map(wp => mission.waitForStart({ wp, role: 'implementation' })),
      ...['WP04', 'WP05'].map(wp => mission.waitForStart({ wp, role: 'review' })),
    ])
    await first.waitForEvent(event => event.type === 'lane-changed' && event.wpId === 'WP06' && event.to === 'done')
    first.kill('SIGKILL')
    expect((await first.exited).signal).toBe('SIGKILL')
    const worktree = join(mission.repo, '.worktrees', `${mission.slug}-lane-c`)
    await writeFile(join(worktree, 'src', 'committed.txt'), 'by the killed attempt\n')
    await mission.git('-C', worktree, 'add', '--all')
    await mission.git('-C', worktree, 'commit', '--quiet', '--message', 'WP03: half of it')
    await writeFile(join(worktree, 'src', 'uncommitted.txt'), 'by the killed attempt\n')
    expect(killed.map(({ pid }) => isAlive(pid))).toEqual(killed.map(() => true))
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
    await mission.setAgents([{ wp: 'WP03', role: 'implementation', attempt: 2, do: 'hang', file: go }])

    const second = startSko(mission, ['resume'])
    const again = await mission.waitForStart({ wp: 'WP03', role: 'implementation', attempt: 2 })

    expect(killed.map(({ pid }) => isAlive(pid))).toEqual(killed.map(() => false))
    expect(isAlive(again.pid)).toBe(true)
    await writeFile(go, '')
    const result = await second.exited
    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual(Object.fromEntries(ids.map(id => [id, id === 'WP06' ? 'approved' : 'done'])))
    const history = await mission.git('ls-tree', '-r', '--name-only', `kitty/mission-${mission.slug}-lane-c`, 'src/')
    expect(history.split('\n')).toEqual(['src/WP03.txt', 'src/committed.txt', 'src/common.txt', 'src/uncommitted.txt'])
    expect(result.stdout).toMatch(/ended 5 process\(es\) that an earlier run had left behind/)
    // Reviewed work is not implemented again.
    const implementations = mission.starts().filter(start => start.role === 'implementation')
    expect(implementations.map(start => start.wp).toSorted()).toEqual([...ids, 'WP01', 'WP02', 'WP03'].toSorted())
    const [cutOff, goesOn] = implementations.filter(({ wp }) => wp === 'WP03').map(({ session }) => session)
    expect(goesOn, 'the session of the killed attempt').toBe(cutOff)
  })

  it('right after a claim, and while the host still works on one', async () => {
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
    // Whether a merge took effect can only be asked by merging again, which a person decides.
    expect(first.exitCode).toBe(1)
    expect(first.stdout).toContain('sko resume')

    const second = await runSko(mission, ['resume'])

    expect(second.exitCode).toBe(0)
    expect((await mission.state()).acceptances).toHaveLength(1)
    expect(existsSync(join(mission.repo, 'src', 'WP02.txt'))).toBe(true)
    await expectStraightMoves(mission)
  })
})
