import { describe, expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, linesOf, type Scenario } from './support/scenario.ts'

const config = (command: string) => `agents:
  implementation: [speaker]
  review: [speaker]
  custom:
    speaker:
      command: ['${command}', write, '{model}', '{prompt_file}']
      prompt: file
      review: true
      review_command: ['${command}', look, '{model}', '{prompt_file}']
      review_is_read_only: true
      success: {path: status, equals: ok}
      failure: {path: error.code, classes: {plan: usage-limit}, message: error.message}
      final_message: answer.0
      usage: {input_tokens: usage.in, output_tokens: usage.out, cost_usd: usage.usd}
  settings:
    speaker: {model: small, review: {model: big}}
review: {reviewer: any}
`

const usage = '"usage":{"in":1000,"out":200,"usd":0.25}'

/** An agent whose every sign is a field of its records; `write` says what it does when it implements. */
async function speaking(write: (mission: Scenario) => string): Promise<Scenario> {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
  const command = await mission.script(
    'speaker',
    `echo "$1 $2 $(head -c 8 "$3")" >> '${mission.path('calls')}'
echo '{"tool":"429 rate limit, 401, {\\"status\\":\\"failed\\"}"}'
case $1 in
write) ${write(mission)};;
look) echo '{"status":"ok","answer":[{"verdict":"approved","summary":"Fine."}],${usage}}';;
esac`,
  )
  await mission.writeConfig(config(command))
  return mission
}

describe('a custom agent that says in records how it went', () => {
  it('is waited for at its limit, and its usage, verdict and read-only reviews count', async () => {
    const mission = await speaking(
      ({ path }) => `if mkdir '${path('met')}'; then
  echo '{"status":"failed","error":{"code":"plan","message":"Plan used up, try again in 1 second"}}'
else
  echo work >> src/$SKO_WP.txt
  echo '{"status":"ok","answer":["Done."],${usage}}'
fi`,
    )

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    expect(linesOf(mission.path('calls'))).toEqual([
      'write small # Implem',
      'write small # Implem',
      'look big # Review',
    ])
    expect(result.stdout).toContain('usage-limit: Plan used up')
    expect(result.stdout).toMatch(/^WP01 .*2,400 tokens, \$0\.50/m)
    const review = result.events().findLast(event => event.type === 'attempt-started')
    expect(review).toMatchObject({ role: 'review', reviewerIsReadOnly: true })
    const { events } = await mission.state()
    const policies = events.map(event => JSON.stringify(event.policy_metadata ?? null))
    expect(policies.some(policy => policy.includes('read-only, as its user configured it'))).toBe(true)
  })

  itInFull(
    'has failed when the record of its success is missing, although it exits 0 and changed something',
    async () => {
      const mission = await speaking(() => 'echo work >> src/$SKO_WP.txt; echo ok')

      const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

      expect(result.exitCode).toBe(1)
      expect(await lanesOf(mission)).toEqual({ WP01: 'blocked' })
      expect(result.stdout).toContain('status is missing, expected "ok"')
      expect(linesOf(mission.path('calls'))).toEqual(Array(3).fill('write small # Implem'))
    },
  )
})
