import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { orchestrated, realScenario } from './support/scenario.ts'

it.each(['lanes', 'coord'] as const)(
  'a mission whose record of the lanes is lost, in %s: the printed command brings it back, and nothing is done twice',
  async topology => {
    const scenario = await realScenario({
      shape: 'pair',
      topology,
      subtasks: [0, 0],
      config: 'finish: {merge: merge}\n',
    })
    const { repo, mission } = scenario
    expect((await orchestrated(scenario, '--wp', 'WP01')).exitCode).toBe(0)
    const record = { lanes: `kitty-specs/${mission}/status.events.jsonl`, coord: `.worktrees/${mission}-coord` }
    rmSync(join(repo, record[topology]), { recursive: true })

    const refused = await scenario.start('orchestrate', '--mission', mission).exited

    expect(refused.exitCode).toBe(3)
    const cure = /(git (?:worktree|checkout) .*) && sko resume/.exec(refused.stderr)?.[1]
    await execa('sh', ['-c', cure ?? 'false'], { cwd: repo })
    const last = await scenario.start('orchestrate', '--mission', mission).exited
    expect([last.exitCode, last.stderr]).toEqual([0, ''])
    const started = last.events().filter(({ type }) => type === 'attempt-started')
    expect([...new Set(started.map(({ wpId }) => wpId))]).toEqual(['WP02'])
    expect(await scenario.git('ls-tree', '--name-only', 'work', 'src/')).toBe('src/WP01.txt\nsrc/WP02.txt')
  },
)
