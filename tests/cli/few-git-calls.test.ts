import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { startSko } from './support/run-sko.ts'
import { createScenario, linesOf } from './support/scenario.ts'

/**
 * Each costs about 11 ms of processor time, git's and ours. It was 177 once; a new call needs a reason. Thirteen
 * store the review record of the merge, look for what weakens tests, and try the merge in memory.
 */
const mostCalls = 105

it('one work package, from the claim to the acceptance, starts few git processes', async () => {
  const mission = await createScenario({ shape: { WP01: [] } })
  const git = execFileSync('sh', ['-c', 'command -v git']).toString().trim()
  // The host and the agents start git too.
  await mission.script('git', `printf '%s %s\\n' "$PPID" "$*" >>'${mission.path('git-calls')}'\nexec '${git}' "$@"`)
  const env = { PATH: `${mission.path('.')}:${mission.env.PATH}` }

  const sko = startSko(mission, ['orchestrate', '--mission', mission.slug, '--merge', 'merge'], { env })

  const { exitCode, stdout } = await sko.exited
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('merged, accepted')])
  const calls = linesOf(mission.path('git-calls')).filter(line => line.startsWith(`${sko.pid} `))
  expect(calls.length, calls.join('\n')).toBeGreaterThan(50)
  expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(mostCalls)
})
