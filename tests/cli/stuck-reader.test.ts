import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import { createScenario, isAlive, linesOf, type Scenario, until } from './support/scenario.ts'

const program = fileURLToPath(new URL('../../bin/sko.js', import.meta.url))
const readerOf = fileURLToPath(new URL('../../fixtures/stuck-reader.py', import.meta.url))
const four = { shape: { WP01: [], WP02: [], WP03: [], WP04: [] }, topology: 'lanes' } as const

/** A run whose output is read by a reader that stops and continues on command. */
function read(mission: Scenario, kind: 'terminal' | 'pipe', args: readonly string[]) {
  const [stop, go, seen] = ['stop', 'go', 'seen'].map(name => mission.path(name)) as [string, string, string]
  const child = execa(
    'python3',
    [
      readerOf,
      kind,
      stop,
      go,
      seen,
      mission.repo,
      process.execPath,
      program,
      'orchestrate',
      '--mission',
      mission.slug,
      ...args,
    ],
    { env: { ...mission.env, TERM: 'xterm', CI: undefined }, reject: false, forceKillAfterDelay: false },
  )
  return {
    stop: () => writeFileSync(stop, ''),
    goOn: () => writeFileSync(go, ''),
    terminate: () => child.kill('SIGTERM'),
    exited: child.then(({ stdout, stderr, signal }) => stdout || `${signal} ${stderr}`),
    seen: () => (existsSync(seen) ? readFileSync(seen, 'utf8') : ''),
  }
}

const events = (mission: Scenario): readonly string[] => {
  const [log] = execFiles(mission)
  return log === undefined ? [] : linesOf(log)
}

function execFiles(mission: Scenario): readonly string[] {
  const logs = `${mission.repo}/.kittify/logs`
  return existsSync(logs) ? readdirSync(logs).map(run => `${logs}/${run}/events.ndjson`) : []
}

describe.each(
  cover(2, [
    ['terminal', []],
    ['pipe', ['--json']],
    ['terminal', ['--plain']],
  ]),
)('a %s that takes nothing any more (%j)', (kind, args) => {
  it('keeps no agent beyond its time, and the run ends with its exit code', async () => {
    const mission = await createScenario(four, [{ role: 'implementation', do: 'hang', times: 0, file: './never' }])
    await mission.writeConfig('agents: {timeout_seconds: 10, max_retries: 0, implementation: [claude-code]}\n')
    const run = read(mission, kind, args)
    await until('four agents', () => mission.starts().length === 4)
    run.stop()

    expect(await run.exited).toBe('exit 1')
    expect(mission.starts().filter(({ pid }) => isAlive(pid))).toEqual([])
    expect(events(mission).at(-1)).toContain('"type":"run-finished"')
  })

  itInFull('keeps no signal from being heard', async () => {
    const mission = await createScenario(four, [{ role: 'implementation', do: 'hang', times: 0, file: './never' }])
    const run = read(mission, kind, args)
    await until('four agents', () => mission.starts().length === 4)
    run.stop()
    await until('more than it takes', () => events(mission).length > 8)
    run.terminate()

    expect(await run.exited).toBe('exit 143')
    expect(mission.starts().filter(({ pid }) => isAlive(pid))).toEqual([])
  })
})

itInFull('a pipe whose reader comes back has every event, in order', async () => {
  const mission = await createScenario(four, [{ role: 'implementation', do: 'hang', times: 0, file: './done' }])
  const run = read(mission, 'pipe', ['--json'])
  await until('four agents', () => mission.starts().length === 4)
  run.stop()
  for (const { cwd } of mission.starts()) writeFileSync(`${cwd}/done`, '')
  await until('reviews', () => mission.starts().some(({ role }) => role === 'review'))
  run.goOn()

  expect(await run.exited).toMatch(/^exit \d+$/)
  expect(run.seen().split('\n').slice(0, -1)).toEqual(events(mission))
})
