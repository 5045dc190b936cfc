import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import { runSko, startSko } from './support/run-sko.ts'
import { createScenario, isAlive, lanesOf, type Scenario, until } from './support/scenario.ts'

const two = { shape: { WP01: [], WP02: [] }, topology: 'lanes' } as const

/** WP02 works until the test lets it end: what befalls WP01 comes while another agent is running. */
async function worksBeside(mission: Scenario, ofOne: string): Promise<void> {
  const command = await mission.script(
    'implementer',
    `cat > /dev/null; mkdir -p src; echo work > "src/$SKO_WP.txt"; w=$PWD; logs="$SKO_REPO/.kittify/logs/$SKO_RUN_ID"
if [ "$SKO_WP" = WP02 ]; then until [ -e '${mission.path('go')}' ]; do sleep 0.05; done
elif [ ! -e '${mission.path('done')}' ]; then touch '${mission.path('done')}'; ${ofOne}; fi; echo done`,
  )
  await mission.writeConfig(
    `agents: {implementation: [odd], review: [codex], max_retries: 0, custom: {odd: {command: ['${command}']}}}\n`,
  )
}

const isLockReleased = (mission: Scenario) =>
  readdirSync(join(mission.repo, '.kittify'))
    .filter(name => /lock\.\d+$/.test(name))
    .map(name => JSON.parse(readFileSync(join(mission.repo, '.kittify', name), 'utf8')).released)
    .every(Boolean)

describe('what befalls the lane worktree or the log folder of one WP', () => {
  it.each(
    cover(3, [
      ['a file in place of the worktree', 'cd /; rm -rf "$w"; echo x > "$w"'],
      ['a .git that is a pipe', 'rm -rf .git; mkfifo .git'],
      ['the log folder a link to outside', 'mv "$logs/WP01" "$logs/old"; ln -s /tmp "$logs/WP01"'],
      ['a link to itself', 'cd /; rm -rf "$w"; ln -s "$w" "$w"'],
      ['a link to a folder outside', 'cd /; mv "$w" "$SKO_REPO/../moved"; ln -s "$SKO_REPO/../moved" "$w"'],
      ['a link to /tmp', 'cd /; rm -rf "$w"; ln -s /tmp "$w"'],
      ['a .git that is a link to itself', 'rm -rf .git; ln -s .git .git'],
      ['the log folder removed and a file in its place', 'rm -rf "$logs/WP01"; echo x > "$logs/WP01"'],
      ['the log folder a link to that of the other WP', 'mv "$logs/WP01" "$logs/old"; ln -s "$logs/WP02" "$logs/WP01"'],
      ['the log folder a link to itself', 'mv "$logs/WP01" "$logs/old"; ln -s "$logs/WP01" "$logs/WP01"'],
    ]),
  )('%s: the WP needs a person, with the reason, and the other is finished', async (_, ofOne) => {
    const mission = await createScenario(two)
    await worksBeside(mission, ofOne)
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])

    const asked = await sko.waitForEvent(event => event.type === 'needs-person' && event.wpId === 'WP01')
    writeFileSync(mission.path('go'), '')
    const result = await sko.exited

    expect([result.exitCode, result.stderr]).toEqual([1, ''])
    expect(await lanesOf(mission)).toMatchObject({ WP02: 'approved' })
    expect(asked).toMatchObject({
      reason: expect.stringMatching(/\S/),
      next: [{ command: expect.stringMatching(/^(?:mv .* && )?sko /) }],
    })
    expect(result.events().filter(event => event.type === 'needs-person')).toHaveLength(1)
    expect(result.stdout).toContain(String(asked.reason))
    const abort = await runSko(mission, ['abort'])
    expect([abort.exitCode, abort.stderr]).toEqual([0, ''])
  })

  itInFull(
    'the log folder replaced while the agent works: it is followed to its end, and the lock is kept',
    async () => {
      const mission = await createScenario(two)
      const pid = mission.path('pid')
      await worksBeside(
        mission,
        `echo $$ > '${pid}.new'; mv "$logs/WP01" "$logs/old"; echo x > "$logs/WP01"; cd /; mv '${pid}.new' '${pid}'; exec sleep 600`,
      )
      await mission.writeConfig(
        readFileSync(join(mission.repo, '.kittify', 'orchestrator.yaml'), 'utf8').replace(
          'agents: {',
          'agents: {timeout_seconds: 12, ',
        ),
      )
      const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
      const agent = Number(await until('the agent', () => existsSync(pid) && readFileSync(pid, 'utf8')))
      writeFileSync(mission.path('go'), '')
      await sko.waitForEvent(event => event.type === 'lane-changed' && event.wpId === 'WP02' && event.to === 'approved')
      expect([isAlive(agent), isLockReleased(mission)]).toEqual([true, false])

      const result = await sko.exited

      expect([result.exitCode, result.stderr, isAlive(agent)]).toEqual([1, '', false])
      const ended = result.events().find(event => event.type === 'attempt-ended' && event.wpId === 'WP01')
      expect(ended).toMatchObject({ failure: { class: 'crashed', detail: expect.stringContaining('WP01') } })
      expect(await lanesOf(mission)).toMatchObject({ WP02: 'approved' })
    },
  )
})

describe('.worktrees is a link to a larger disk', () => {
  it('is worked in like a folder, to the merge and the acceptance', async () => {
    const mission = await createScenario(two)
    const big = mission.path('big')
    mkdirSync(big)
    symlinkSync(big, join(mission.repo, '.worktrees'))

    const plan = await runSko(mission, ['plan', '--mission', mission.slug])
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect([plan.exitCode, result.exitCode, result.stderr]).toEqual([0, 0, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
    expect(readdirSync(big)).toHaveLength(2)
  })

  itInFull('that an agent makes while the run continues is refused', async () => {
    const mission = await createScenario(two)
    await worksBeside(
      mission,
      'cd /; mv "$SKO_REPO/.worktrees" "$SKO_REPO/../away"; ln -s "$SKO_REPO/../away" "$SKO_REPO/.worktrees"',
    )
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    const asked = await sko.waitForEvent(event => event.type === 'needs-person' && event.wpId === 'WP01')
    writeFileSync(mission.path('go'), '')

    const result = await sko.exited

    expect([result.exitCode, result.stderr]).toEqual([1, ''])
    expect(asked.reason).toContain('outside the repository')
  })
})
