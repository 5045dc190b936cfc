import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { commandsOf } from '../cli/support/next-commands.ts'
import { cover } from '../in-full.ts'
import { orchestrated, type RealScenario, realScenario } from './support/scenario.ts'

const policy = JSON.stringify({
  ...{ orchestrator_id: 'a', orchestrator_version: '1', agent_family: 'a', approval_mode: 'a' },
  ...{ sandbox_mode: 'a', network_mode: 'a', dangerous_flags: [] },
})
const evidence = JSON.stringify({ review: { reviewer: 'me', verdict: 'approved', reference: 'r' } })

/** An implementer that does its work and then runs `act`, as an executable beside the repository. */
async function agentThat(scenario: RealScenario, act: string): Promise<string> {
  const path = join(scenario.repo, '.git', 'agent.sh')
  const work =
    'cat >/dev/null; mkdir -p src; echo "work of $SKO_WP" > src/$SKO_WP.txt; git add src; git -c user.name=a -c user.email=a@a commit -qm "$SKO_WP"'
  writeFileSync(path, `#!/bin/sh\n${work}\n${act}\necho done\n`, { mode: 0o755 })
  await scenario.configure('')
  writeFileSync(
    join(scenario.repo, '.kittify', 'orchestrator.yaml'),
    `agents: {implementation: [odd], review: [scripted], custom: {odd: {command: ['${path}']}, scripted: {command: [scripted-agent], review: true}}}\nfinish: {merge: merge}\n`,
  )
  return path
}

it('what an agent approved by itself is not merged by the real host, until a person vouches for it', async () => {
  const scenario = await realScenario({ shape: 'single', topology: 'coord', subtasks: [0] })
  const { mission } = scenario
  await agentThat(
    scenario,
    `spec-kitty orchestrator-api transition --mission ${mission} --wp WP01 --to approved --actor claude --policy '${policy}' --evidence-json '${evidence}' >/dev/null 2>&1`,
  )
  const result = await orchestrated(scenario)
  expect(result.exitCode).toBe(1)
  expect(await scenario.git('ls-tree', '--name-only', 'work', 'src/')).toBe('')
  const told = result.events().find(event => event.type === 'approved-by-others')
  const [, ...confirm] = commandsOf(told)[0]?.split(' ') ?? []
  const confirmed = await scenario.start(...confirm).exited
  expect([confirmed.exitCode, confirmed.stderr]).toEqual([0, ''])
  const resumed = await scenario.start('resume').exited
  expect([resumed.exitCode, resumed.stderr]).toEqual([0, ''])
  expect(await scenario.git('ls-tree', '--name-only', 'work', 'src/')).toBe('src/WP01.txt')
})

it.each(cover(1, ['coord', 'lanes']))(
  'a commit in two lanes that no review covers is shown to the next reviewer, and merged then, in %s',
  async topology => {
    const scenario = await realScenario({ shape: 'fork', topology, subtasks: [0, 0, 0] })
    const lane = `${scenario.repo}/.worktrees/${scenario.mission}-lane-`
    // The agent of WP02 commits to the lane of WP01 and takes it over; both lanes have it then.
    await agentThat(
      scenario,
      `[ $SKO_WP = WP02 ] && (cd '${lane}a' && mkdir -p src && echo x > src/unseen.txt && git add src && git -c user.name=a -c user.email=a@a commit -qm unseen)
[ $SKO_WP = WP02 ] && git -C '${lane}c' -c user.name=a -c user.email=a@a merge -q --no-edit kitty/mission-${scenario.mission}-lane-a 2>/dev/null`,
    )
    mkdirSync(join(scenario.repo, '.kittify'), { recursive: true })
    const result = await orchestrated(scenario, '--max-concurrent', '1')
    const shown = result.events().filter(event => event.type === 'unreviewed-shown')
    expect(shown).toMatchObject([{ wpId: 'WP03', ranges: [expect.any(Object)] }])
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await scenario.git('ls-tree', '--name-only', 'work', 'src/')).toContain('src/unseen.txt')
  },
)
