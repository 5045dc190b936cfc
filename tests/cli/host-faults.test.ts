import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import { type LoggedEvent, runSko, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, movesOf, type Scenario, until } from './support/scenario.ts'

const straight = [
  'planned -> claimed',
  'claimed -> in_progress',
  'in_progress -> for_review',
  'for_review -> in_review',
  'in_review -> approved',
]

async function expectStraight(mission: Scenario, wpId: string): Promise<void> {
  const moves = (await movesOf(mission)).filter(move => move.startsWith(wpId))
  expect(moves).toEqual(straight.map(move => `${wpId} ${move}`))
}

const shell = (mission: Scenario, command: string) =>
  execa('sh', ['-c', command], { cwd: mission.repo, env: mission.env })

/** What a main checkout that the host cannot commit to looks like, and the command that is printed for it. */
const troubles = [
  [
    'on another branch',
    (mission: Scenario) => mission.git('checkout', '--quiet', '-b', 'elsewhere'),
    /the main checkout is on branch elsewhere.*?(git -C \S+ checkout work)/s,
    3,
  ],
  [
    'with the lock of a git that is gone',
    (mission: Scenario) => writeFile(join(mission.repo, '.git', 'index.lock'), ''),
    /the lock it left: (rm -f '\S+index\.lock')/,
    1,
  ],
] as const

async function inTrouble(trouble: (mission: Scenario) => Promise<unknown>, patienceSeconds: number) {
  const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' })
  await mission.writeConfig(`host: {patience_seconds: ${patienceSeconds}}\n`)
  const go = mission.path('go')
  await mission.setAgents([{ role: 'implementation', do: 'hang', file: go }])
  const running = startSko(mission, ['orchestrate', '--mission', mission.slug])
  await until('an agent at work', () => mission.starts().length > 0)
  await trouble(mission)
  await writeFile(go, '')
  return { mission, running }
}

describe.each(cover(1, troubles))(
  'a main checkout that the host cannot commit to, %s',
  (_, trouble, words, exitCode) => {
    it('for good ends in the command that corrects it', async () => {
      const { mission, running } = await inTrouble(trouble, 1)
      const result = await running.exited

      expect(result.exitCode).toBe(exitCode)
      const cure = words.exec(`${result.stdout}\n${result.stderr}`)?.[1]
      expect(cure, `${result.stdout}\n${result.stderr}`).toBeDefined()
      await shell(mission, String(cure))
      expect((await runSko(mission, ['resume'])).exitCode).toBe(0)
      await expectStraight(mission, 'WP01')
      await expectStraight(mission, 'WP02')
      expect(mission.starts().filter(start => start.role === 'implementation')).toHaveLength(2)
    })

    itInFull('for a while is waited for, and nothing is lost or done twice', async () => {
      const { mission, running } = await inTrouble(trouble, 600)
      const isTold = ({ type }: LoggedEvent) => type === 'wp-waiting' || type === 'mission-unclear'
      await running.waitForEvent(isTold)
      await rm(join(mission.repo, '.git', 'index.lock'), { force: true })
      await mission.git('checkout', '--quiet', 'work')
      const result = await running.exited

      expect([result.exitCode, result.stderr]).toEqual([0, ''])
      await expectStraight(mission, 'WP01')
      await expectStraight(mission, 'WP02')
      expect(mission.starts()).toHaveLength(4)
      expect(result.events().filter(event => event.type === 'needs-person')).toEqual([])
    })
  },
)

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

itInFull('while a host call hangs, an agent is ended at its time all the same', async () => {
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
