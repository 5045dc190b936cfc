import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { type LoggedEvent, runSko, type SkoResult } from './support/run-sko.ts'
import { createScenario, lanesOf, linesOf, type Scenario } from './support/scenario.ts'

/** Green in each lane; red when both files are there and `fixed` is not. In the combined result it notes the target. */
const redTogether = (mission: Scenario, a = 'WP01', b = 'WP02') =>
  mission.script(
    `check-${a}-${b}`,
    `if [ -z "$SKO_WP" ]; then
  git -C "$SKO_REPO" cat-file -e work:src/${b}.txt 2>/dev/null && echo moved >>'${mission.path('targets')}' || echo unmoved >>'${mission.path('targets')}'
  git rev-parse HEAD >/dev/null && test -z "$(git branch --show-current)" || exit 9
fi
test ! -f src/${a}.txt || test ! -f src/${b}.txt || test -f fixed-${b} || { echo '${a} and ${b} do not go together'; exit 3; }`,
  )

async function configure(mission: Scenario, ...checks: readonly string[]): Promise<void> {
  await mission.writeConfig(
    `agents:\n  implementation: [claude-code]\n  review: [codex]\nreview:\n  complete_as: approved\nchecks: ${JSON.stringify(checks)}\n`,
  )
}

const orchestrate = (mission: Scenario, ...more: readonly string[]) => [
  ...['orchestrate', '--mission', mission.slug, '--merge', 'merge'],
  ...more,
]

function combined({ events }: SkoResult): readonly string[] {
  const short = (lane: unknown) => String(lane).replace(/.*-lane-/, '')
  return events()
    .filter(({ type }) => type === 'combined-check')
    .map(({ state, lanes }) => `${state} ${Array.isArray(lanes) ? lanes.map(short).join('') : ''}`)
}

function sentBack({ events }: SkoResult): readonly LoggedEvent[] {
  return events().filter(({ type }) => type === 'sent-back')
}

async function scratchFolders(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter(name => name.startsWith('sko-combined-'))
}

describe('lanes that are green alone', () => {
  it.each(['lanes', 'coord'] as const)(
    'and red together: the target unmoved, the later WP reworked, then merged (%s)',
    async topology => {
      const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology }, [
        { role: 'implementation', wp: 'WP02', attempt: 2, do: 'merge-asked', write: 'fixed-WP02' },
      ])
      await configure(mission, await redTogether(mission))

      const result = await runSko(mission, orchestrate(mission))

      expect([result.exitCode, result.stderr]).toEqual([0, ''])
      expect(result.stdout).toContain('merged, accepted')
      // Each lane, and the lane with the other merged into it, were checked before their review.
      expect(combined(result)).toEqual(['started ab', 'failed ab', 'passed a', 'passed b', 'passed ab'])
      expect(sentBack(result)).toEqual([
        expect.objectContaining({
          ...{ wpId: 'WP02', cycle: 2, conflicts: [], log: expect.stringContaining('.check-1.log') },
          others: [expect.objectContaining({ wpIds: ['WP01'], branch: expect.stringContaining('lane-a') })],
        }),
      ])
      expect(new Set(linesOf(mission.path('targets')))).toEqual(new Set(['unmoved']))
      expect(await mission.git('ls-tree', '-r', '--name-only', 'work')).toMatch(
        /fixed-WP02[\s\S]*src\/WP01.txt\nsrc\/WP02.txt/,
      )
      expect(Object.values(await lanesOf(mission))).toEqual(['done', 'done'])
      expect(await scratchFolders()).toEqual([])
    },
  )
})
