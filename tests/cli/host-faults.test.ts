import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { type LoggedEvent, runSko, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, movesOf, type Scenario, until } from './support/scenario.ts'

const straight = [
  'planned -> claimed',
  'claimed -> in_progress',
  'in_progress -> for_review',
  'for_review -> in_review',
  'in_review -> done',
]

async function expectStraight(mission: Scenario, wpId: string): Promise<void> {
  const moves = (await movesOf(mission)).filter(move => move.startsWith(wpId))
  expect(moves).toEqual(straight.map(move => `${wpId} ${move}`))
}

const shell = (mission: Scenario, command: string) =>
  execa('sh', ['-c', command], { cwd: mission.repo, env: mission.env })

/** Each waits 12 s for whoever may hold the lock. */
describe('a main checkout that the host cannot commit to ends in the command that mends it', () => {
  it.each<readonly [string, (mission: Scenario) => Promise<unknown>, RegExp]>([
    [
      'on another branch',
      mission => mission.git('checkout', '--quiet', '-b', 'elsewhere'),
      /HEAD is 'elsewhere', expected 'work'\. Run `(.+?)`/,
    ],
    [
      'with the lock of a git that is gone',
      mission => writeFile(join(mission.repo, '.git', 'index.lock'), ''),
      /the lock that one has left: (rm -f '\S+index\.lock')/,
    ],
  ])('%s', async (_, trouble, words) => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const go = mission.path('go')
    await mission.setAgents([{ role: 'implementation', do: 'hang', file: go }])
    const running = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await until('an agent at work', () => mission.starts().length > 0)
    await trouble(mission)
    await writeFile(go, '')
    const result = await running.exited

    expect(result.exitCode).toBe(1)
    const [needsPerson] = result.events().filter(event => event.type === 'needs-person')
    const cure = words.exec(String(needsPerson?.reason))?.[1]
    expect(cure, String(needsPerson?.reason)).toBeDefined()
    await shell(mission, String(cure))
    expect((await runSko(mission, ['resume'])).exitCode).toBe(0)
    await expectStraight(mission, 'WP01')
    expect(mission.starts().filter(start => start.role === 'implementation')).toHaveLength(1)
  })
})

it('without its coordination worktree nothing is believed, and the command that brings it back is named', async () => {
  const mission = await createScenario({ shape: { WP01: [], WP02: [] } })
  await mission.updateState(({ wps }) => {
    if (wps.WP01) wps.WP01.lane = 'done'
  })
  const coordination = join(mission.repo, '.worktrees', `${mission.slug}-coord`)
  await rm(coordination, { recursive: true })

  const refused = await runSko(mission, ['orchestrate', '--mission', mission.slug])

  expect(refused.exitCode).toBe(3)
  expect(mission.starts()).toEqual([])
  const cure = /(git worktree prune && git worktree add \S+ \S+) && sko resume/.exec(refused.stderr)?.[1]
  expect(cure, refused.stderr).toBeDefined()
  await shell(mission, String(cure))
  expect(existsSync(coordination)).toBe(true)
  expect((await runSko(mission, ['orchestrate', '--mission', mission.slug])).exitCode).toBe(0)
  expect((await lanesOf(mission)).WP01).toBe('done')
  await expectStraight(mission, 'WP02')
})

it('while a host call hangs, an agent is ended at its time all the same', async () => {
  const mission = await createScenario({ shape: { WP01: [], WP02: [] } })
  const answer = mission.path('answer')
  await mission.writeConfig('agents: {timeout_seconds: 8, max_retries: 0}\n')
  await mission.setFaults([{ command: 'start-implementation', wp: 'WP01', fault: 'wait-file', path: answer }])
  await mission.setAgents([{ wp: 'WP02', role: 'implementation', do: 'hang', times: 0 }])

  const running = startSko(mission, ['orchestrate', '--mission', mission.slug])
  const isEnded = (event: LoggedEvent) => event.type === 'attempt-ended' && event.wpId === 'WP02'
  const ended = await running.waitForEvent(isEnded)

  expect(ended).toMatchObject({ failure: { class: 'timed-out' } })
  expect((await lanesOf(mission)).WP01).toBe('planned')
  await writeFile(answer, '')
  await running.exited
  expect((await movesOf(mission)).filter(move => move.endsWith('-> claimed'))).toHaveLength(2)
})
