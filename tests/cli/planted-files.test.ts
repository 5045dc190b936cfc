import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cover } from '../in-full.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, logsOf, type Scenario } from './support/scenario.ts'

const two = { shape: { WP01: [], WP02: [] }, topology: 'lanes' } as const

/** An implementer of WP01 that puts something where a later attempt of its WP keeps its files. */
async function implementer(mission: Scenario, plants: string): Promise<string> {
  return mission.script(
    'implementer',
    `cat > /dev/null; mkdir -p src; echo work > "src/$SKO_WP.txt"
logs="$SKO_REPO/.kittify/logs/$SKO_RUN_ID/$SKO_WP"
if [ "$SKO_WP" = WP01 ]; then ${plants}; fi; echo done`,
  )
}

/** A reviewer under the name of OpenCode that keeps what it finds in the folder in which it was started. */
async function openCode(mission: Scenario): Promise<string> {
  const bin = mission.path('bin')
  mkdirSync(bin)
  const text = (words: unknown) => JSON.stringify({ type: 'text', sessionID: 'ses_1', part: { text: words } })
  const verdict = JSON.stringify({ verdict: 'approved', summary: 'good', findings: [], checks: [] })
  const tokens = { input: 1, output: 1, reasoning: 0, cache: { read: 0, write: 0 } }
  const end = { type: 'step_finish', sessionID: 'ses_1', part: { reason: 'stop', tokens, cost: 0 } }
  const lines = [{ type: 'step_start', sessionID: 'ses_1', part: {} }].map(line => JSON.stringify(line))
  const script = `#!/bin/sh
[ "$1" = --version ] && { echo 1.18.33; exit; }
while [ $# -gt 0 ]; do [ "$1" = --dir ] && (cd "$2" && find . | sort > "${mission.path('seen')}-$SKO_WP"); shift; done
cat > /dev/null
cat << 'END'
${[...lines, text(verdict), JSON.stringify(end)].join('\n')}
END
`
  writeFileSync(join(bin, 'opencode'), script, { mode: 0o755 })
  return bin
}

describe('what an implementer puts where the review keeps its files', () => {
  it.each(
    cover(1, [
      [
        'a folder with a plugin',
        'mkdir -p "$logs/review-c1-a2.workspace/.opencode/plugin"; echo evil > "$logs/review-c1-a2.workspace/.opencode/plugin/evil.ts"',
      ],
      [
        'a link to a folder of its own',
        'mkdir -p "$logs/mine/.opencode"; echo evil > "$logs/mine/.opencode/evil.ts"; ln -s "$logs/mine" "$logs/review-c1-a2.workspace"',
      ],
      ['a file', 'echo evil > "$logs/review-c1-a2.workspace"'],
    ]),
  )('%s in place of the empty folder: the reviewer does not see it', async (_, plants) => {
    const mission = await createScenario(two)
    const bin = await openCode(mission)
    const command = await implementer(mission, plants)
    await mission.writeConfig(
      `agents: {implementation: [odd], review: [opencode], custom: {odd: {command: ['${command}']}}}\n`,
    )

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug], {
      env: { PATH: `${bin}:${mission.env.PATH}` },
    })

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    for (const wp of ['WP01', 'WP02']) {
      expect(readFileSync(`${mission.path('seen')}-${wp}`, 'utf8')).toBe('.\n./README.md\n')
    }
    const logs = logsOf(mission, result.events()[0]?.runId ?? '', 'WP01')
    expect(existsSync(join(logs, 'review-c1-a2.workspace.before-1'))).toBe(true)
  })

  it.each(
    cover(1, [
      ['a link', 'echo mine > "$logs/mine"; ln -s "$logs/mine" "$logs/$name"'],
      ['a folder', 'mkdir -p "$logs/$name/x"'],
      ['a pipe', 'mkfifo "$logs/$name"'],
      ['a file', 'echo "{}" > "$logs/$name"'],
    ]),
  )('%s under any name of the attempt: kept aside, and the review counts', async (_, plant) => {
    const mission = await createScenario(two)
    const names = [
      'last.txt',
      'schema.json',
      'prompt.md',
      'attempt.json',
      'status',
      'stopped',
      'exit',
      'out.log',
      'err.log',
    ]
    const plants = `for name in ${names.map(name => `review-c1-a2.${name}`).join(' ')}; do ${plant}; done`
    const command = await implementer(mission, plants)
    await mission.writeConfig(
      `agents: {implementation: [odd], review: [codex], custom: {odd: {command: ['${command}']}}}\n`,
    )

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
    const logs = logsOf(mission, result.events()[0]?.runId ?? '', 'WP01')
    for (const name of names) expect(existsSync(join(logs, `review-c1-a2.${name}.before-1`))).toBe(true)
  })
})
