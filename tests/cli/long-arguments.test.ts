import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cover } from '../in-full.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, logsOf } from './support/scenario.ts'

/** Linux takes 131,071 bytes as one argument; a character of a difference may have three. */
const mostBytes = 131_071

describe('a prompt that is an argument', () => {
  it.each(
    cover(1, [
      ['Chinese, with a long WP file', '漢', '字'.repeat(25_000)],
      ['Latin', 'x', ''],
      ['Chinese', '漢', ''],
    ]),
  )('fits, whatever the difference is written in: %s', async (_, sign, more) => {
    const prompts = more === '' ? {} : { prompts: { WP01: `---\nwork_package_id: WP01\n---\n${more}\n` } }
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes', ...prompts })
    const line = sign.repeat(40)
    const implementer = await mission.script(
      'implementer',
      `cat > /dev/null; mkdir -p src; i=0; while [ $i -lt 4000 ]; do echo "$i ${line}"; i=$((i+1)); done > src/WP01.txt; echo done`,
    )
    const answer = '{"verdict":"approved","summary":"ok","findings":[],"checks":[]}'
    const reviewer = await mission.script('reviewer', `printf %s "$1" > ${mission.path('prompt')}; echo '${answer}'`)
    await mission.writeConfig(`agents:
  implementation: [odd]
  review: [careful]
  custom:
    odd: {command: ['${implementer}']}
    careful: {command: ['${reviewer}'], prompt: argument, review: true, review_is_read_only: true}
`)

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    const given = readFileSync(mission.path('prompt'))
    expect(given.length).toBeLessThanOrEqual(mostBytes)
    const asked = readFileSync(join(logsOf(mission, result.events()[0]?.runId ?? '', 'WP01'), 'review-c1-a2.prompt.md'))
    expect(given.equals(asked)).toBe(true)
    expect(given.toString()).toContain('The difference is longer than what is shown')
    expect(given.toString()).toContain(`+0 ${line}\n`)
    expect(given.toString()).not.toContain('\ufffd')
  })
})
