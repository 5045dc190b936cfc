import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { orchestrated, realScenario } from './support/scenario.ts'
import { movesOf } from './support/straight.ts'

/** Green in each lane; red when both files are there and `fixed` is not, and when the target has moved. */
const check = `#!/bin/sh
if [ -z "$SKO_WP" ] && git -C "$SKO_REPO" cat-file -e HEAD:src/WP01.txt 2>/dev/null; then exit 7; fi
test ! -f src/WP01.txt || test ! -f src/WP02.txt || test -f fixed
`

it.each(['coord', 'lanes'] as const)(
  'two lanes green alone and red together are merged only after the rework (%s)',
  async topology => {
    const scenario = await realScenario({
      shape: 'pair',
      topology,
      subtasks: [0, 0],
      config: 'checks: [sh "$SKO_REPO/.kittify/together.sh"]\n',
      rules: [{ role: 'implementation', wp: 'WP02', attempt: 2, do: 'merge-asked', write: 'fixed' }],
    })
    await writeFile(join(scenario.repo, '.kittify', 'together.sh'), check)

    const result = await orchestrated(scenario, '--merge', 'merge')

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    const sent = result.events().filter(({ type }) => type === 'sent-back')
    expect(sent).toEqual([
      expect.objectContaining({ wpId: 'WP02', others: [expect.objectContaining({ wpIds: ['WP01'] })] }),
    ])
    const back = movesOf(scenario).find(move => move.from_lane === 'approved' && move.to_lane === 'in_progress')
    expect([back?.wp_id, back?.reason]).toEqual([
      'WP02',
      expect.stringContaining('sent back: checks fail on it together with WP01'),
    ])
    const files = await scenario.git('ls-tree', '-r', '--name-only', 'HEAD')
    expect(files.split('\n')).toEqual(expect.arrayContaining(['fixed', 'src/WP01.txt', 'src/WP02.txt']))
  },
)
