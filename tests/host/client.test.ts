import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isWpId, type WpId } from '../../src/core/ids.ts'
import { callFailure } from '../../src/host/answer/call-failure.ts'
import { createHostClient } from '../../src/host/client.ts'
import { envelope, policy, print, type ScriptedHost, scriptedHost, slug, stateData } from './scripted-host.ts'

const wp = (text: string): WpId => {
  if (!isWpId(text)) throw new Error(`${text} is no WP id`)
  return text
}

const history = (wpId: string) =>
  envelope('append-history', { mission_slug: slug, wp_id: wpId, history_entry_id: 'hist-1' })
/** Writes its arguments, one per line, to `$here/argv` and answers. */
const answering = (line: string) => `printf '%s\\n' "$@" > "$here/argv"\n${print(line)}`

describe('a call', () => {
  it('gets the arguments of the contract, and its answer is parsed', async () => {
    const host = scriptedHost(answering(envelope('mission-state', stateData)))
    expect(await host.client.missionState({ mission: slug })).toEqual({ ok: true, data: stateData, contract: '1.5.0' })
    expect(host.file('argv')).toBe(`orchestrator-api\nmission-state\n--mission\n${slug}\n`)
    const process = { startedAt: expect.any(Number), milliseconds: expect.any(Number), warm: false }
    const call = { command: 'mission-state', wpId: null, mutates: false, ok: true }
    expect(host.calls).toEqual([{ ...call, elapsedMs: expect.any(Number), process }])
  })

  it('that changes something is not made while something is wrong, others are', async () => {
    let wrong: string | null = 'core.worktree was set'
    const host = scriptedHost(
      `case "$2" in append-history) ${print(history('WP01'))} ;; *) ${print(envelope('mission-state', stateData))} ;; esac`.replaceAll(
        ' ;;',
        '\n;;',
      ),
      { whyNoChange: async () => wrong },
    )
    const change = () => host.client.appendHistory({ mission: slug, wpId: wp('WP01'), note: 'x' })
    expect(await host.client.missionState({ mission: slug })).toMatchObject({ ok: true })
    const message = 'append-history was not called: core.worktree was set'
    expect(await change()).toMatchObject({ ok: false, code: 'call-failed', message })
    expect(host.calls.map(({ command }) => command)).toEqual(['mission-state'])
    wrong = null
    expect(await change()).toMatchObject({ ok: true })
  })

  it('passes a note byte for byte as an argument of its own', async () => {
    const note = '--mission\n$(touch x) `y` "q" \'s\' \\ 日本 😀'
    const host = scriptedHost(`shift $(($# - 1))\nprintf %s "$1" > "$here/note"\n${print(history('WP01'))}`)
    expect(await host.client.appendHistory({ mission: slug, wpId: wp('WP01'), note })).toMatchObject({ ok: true })
    expect(host.file('note')).toBe(note)
  })

  it('delivers a note that was too long in part', async () => {
    const host = scriptedHost(`shift $(($# - 1))\nprintf %s "$1" > "$here/note"\n${print(history('WP01'))}`)
    const outcome = await host.client.appendHistory({ mission: slug, wpId: wp('WP01'), note: 'é'.repeat(200_000) })
    expect(outcome).toMatchObject({ ok: true })
    expect(Buffer.byteLength(host.file('note'))).toBeGreaterThan(131_000)
    expect(host.file('note')).toMatch(/é … \[shortened\]$/)
  })

  it('sees the environment that the host needs and runs in the project', async () => {
    const host = scriptedHost(
      `printf '%s\\n' "$LC_ALL" "$PYTHONUTF8" "\${SPECIFY_REPO_ROOT-none}" "\${PATH%%:*}" "$PWD" > "$here/env"\n${print(envelope('contract-version', { api_version: '1.5.0' }))}`,
      { env: { LC_ALL: 'C', SPECIFY_REPO_ROOT: '/elsewhere' } },
    )
    expect(await host.client.contractVersion({})).toEqual({
      ok: true,
      data: { api_version: '1.5.0' },
      contract: '1.5.0',
    })
    expect(host.file('env')).toBe(`C.UTF-8\n1\nnone\n${host.folder}\n${host.folder}\n`)
  })

  it('has a process group of its own', async () => {
    const script = `ps -o pgid= -p $$ | tr -d ' ' > "$here/group"; echo $$ > "$here/pid"`
    const host = scriptedHost(`${script}\n${print(envelope('contract-version', { api_version: '1.5.0' }))}`)
    await host.client.contractVersion({})
    expect(host.file('group')).toBe(host.file('pid'))
  })
})

describe('a host that', () => {
  it.each([
    ['prints nothing', '', /exited 0 without an answer and printed nothing/],
    ['prints a page', print('<html><body>Sign in</body></html>'), /"<html><body>Sign in/],
    ['prints a byte order mark', `printf '\\357\\273\\277'\n${print(envelope('mission-state', stateData))}`, /\\ufeff/],
    ['prints two documents', `${print('{"a": 1}{"b": 2}')}`, /without an answer/],
    ['prints another answer', print(envelope('list-ready', stateData)), /another command/],
    ['prints success without data', print(envelope('mission-state', stateData, { data: undefined })), /→ at data/],
    ['dies half way through', `printf '{"contract_version": "1.5.0", "comm'\nexit 1`, /exited 1 without an answer/],
    ['prints 50 MB', 'head -c 50000000 /dev/zero', /more than 10 MB/],
    ['prints for ever', 'exec cat /dev/zero', /more than 10 MB/],
    ['prints for ever on stderr', 'exec cat /dev/zero >&2', /more than 10 MB/],
  ])('%s', async (_name, script, message) => {
    const outcome = await scriptedHost(script).client.missionState({ mission: slug })
    expect(outcome).toMatchObject({ ok: false, code: 'host-garbage', message: expect.stringMatching(message) })
    expect(outcome.ok ? '' : outcome.message).not.toMatch(/\p{Cc}/u)
  })

  it('prints a log line first', async () => {
    const host = scriptedHost(
      `echo 'Deleted branch x.'; echo 'WARNING: y' >&2\n${print(envelope('mission-state', stateData))}`,
    )
    expect(await host.client.missionState({ mission: slug })).toEqual({ ok: true, data: stateData, contract: '1.5.0' })
  })

  it.each([
    ['WP_NOT_FOUND', 'WP_NOT_FOUND'],
    ['QUITE_NEW', 'UNKNOWN_CODE'],
  ])('refuses with %s, exit 0', async (hostCode, code) => {
    const line = envelope('mission-state', { message: 'no' }, { success: false, error_code: hostCode })
    const host = scriptedHost(print(line))
    expect(await host.client.missionState({ mission: slug })).toMatchObject({ ok: false, code, message: 'no' })
    expect(host.calls).toMatchObject([{ ok: false, code }])
  })

  it('hangs, and so do its children', async () => {
    const host = scriptedHost(`trap '' TERM; sleep 300 & echo $! > "$here/child"; sleep 300; sleep 300`, {
      timeoutSeconds: 1,
    })
    const outcome = await host.client.missionState({ mission: slug })
    expect(outcome).toMatchObject({ code: 'host-timed-out', message: expect.stringContaining('within 1 s') })
    await vi.waitFor(() => expect(isAlive(Number(host.file('child')))).toBe(false), { timeout: 10_000 })
  })

  it('leaves a background process that holds its output', async () => {
    const host = scriptedHost(`sleep 300 & echo $! > "$here/child"\n${print(envelope('mission-state', stateData))}`)
    const outcome = await host.client.missionState({ mission: slug })
    const child = Number(host.file('child'))
    expect(isAlive(child)).toBe(true)
    process.kill(child, 'SIGKILL')
    expect(outcome).toMatchObject({ ok: true })
  })

  it('is killed from elsewhere', async () => {
    expect(await scriptedHost('kill -9 $$').client.missionState({ mission: slug })).toMatchObject({
      code: 'host-killed',
      message: expect.stringContaining('SIGKILL'),
    })
  })
})

describe('a host that cannot be run', () => {
  afterEach(() => vi.unstubAllEnvs())
  const folder = () => scriptedHost('exit 0').folder
  const client = (command: string, cwd: string) =>
    createHostClient({ command, cwd, actor: 'sko', timeoutSeconds: 5, env: { PATH: '/nowhere' } })

  it('is not on PATH', async () => {
    expect(await client('spec-kitty', folder()).contractVersion({})).toMatchObject({
      code: 'host-missing',
      message: expect.stringMatching(/^spec-kitty was not found/),
    })
  })

  it('is a folder', async () => {
    const here = folder()
    expect(await client(here, here).contractVersion({})).toMatchObject({ code: 'host-missing' })
  })

  it('is wanted in a folder that is not there', async () => {
    const here = folder()
    expect(await client(join(here, 'spec-kitty'), join(here, 'gone')).contractVersion({})).toMatchObject({
      code: 'call-failed',
      message: expect.stringContaining('there is no folder'),
    })
  })

  it('has no temp folder for its output', async () => {
    const host = scriptedHost('exit 0')
    vi.stubEnv('TMPDIR', join(host.folder, 'gone'))
    expect(await host.client.contractVersion({})).toMatchObject({
      code: 'call-failed',
      message: expect.stringMatching(/^the call could not be made: .*\/gone: ENOENT/),
    })
  })

  it.each([
    ['ENOENT', 'host-missing'],
    ['EACCES', 'host-missing'],
    ['E2BIG', 'invalid-input'],
    ['EMFILE', 'call-failed'],
    ['EAGAIN', 'call-failed'],
    ['ENOMEM', 'call-failed'],
  ])('is not started: %s is %s', (code, expected) => {
    const call = { program: 'spec-kitty', name: 'mission-state', timeoutSeconds: 1 }
    expect(callFailure({ kind: 'spawn-failed', code, message: `spawn ${code}` }, call).code).toBe(expected)
  })

  it('is given an environment that is too big', async () => {
    const big = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`BIG${index}`, 'x'.repeat(100_000)]))
    const host = scriptedHost('exit 0', { env: big })
    expect(await host.client.contractVersion({})).toMatchObject({ ok: false, code: 'invalid-input' })
  })
})

describe('refused before the call', () => {
  it.each([
    ['a ULID for a write', { mission: '01M7YRMJ' }],
    ['a mission that is a flag', { mission: '--help' }],
    ['a path', { mission: '../x' }],
  ])('%s', async (_name, input) => {
    const host = scriptedHost('exit 0')
    expect(await host.client.acceptMission(input)).toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(/^accept-mission: /),
    })
    expect(host.calls).toEqual([])
  })

  it('an argument that is too long', async () => {
    const host = scriptedHost('exit 0')
    const input = { mission: slug, wpId: wp('WP01'), policy: { ...policy, agent_family: 'x'.repeat(131_072) } }
    expect(await host.client.startImplementation(input)).toMatchObject({ code: 'invalid-input' })
  })

  it('a subtask that is a flag', async () => {
    const host = scriptedHost('exit 0')
    expect(await host.client.markSubtasks({ mission: slug, subtasks: ['--all'] })).toMatchObject({
      code: 'invalid-input',
    })
  })
})

describe('mutations', () => {
  /** Fails when another call of the same WP is under way. Arguments: orchestrator-api append-history --mission M --wp W … */
  const exclusive = [
    'mkdir "$here/$6" || { echo "$6" >> "$here/overlaps"; exit 1; }',
    'echo begin >> "$here/log"; sleep 0.1; echo end >> "$here/log"; rmdir "$here/$6"',
    envelope('append-history', { mission_slug: slug, history_entry_id: 'hist-1' }).replace(
      '"data":{',
      '"data":{"wp_id":"\'$6\'",',
    ),
  ]
  const script = `${exclusive[0]}\n${exclusive[1]}\nprintf '%s\\n' '${exclusive[2]}'`
  const append = (host: ScriptedHost, id: string) =>
    host.client.appendHistory({ mission: slug, wpId: wp(id), note: 'x' })

  it('of one WP never overlap', async () => {
    const host = scriptedHost(script)
    const outcomes = await Promise.all(['WP01', 'WP01', 'WP02', 'WP01', 'WP02'].map(id => append(host, id)))
    expect(outcomes.every(outcome => outcome.ok)).toBe(true)
    expect(host.calls).toHaveLength(5)
  })

  it('are never more at once than there are processors', async () => {
    const host = scriptedHost(script)
    const ids = Array.from({ length: availableParallelism() * 2 + 1 }, (_, index) => `WP${10 + index}`)
    await Promise.all(ids.map(id => append(host, id)))
    let running = 0
    let most = 0
    for (const line of host.file('log').trim().split('\n')) {
      running += line === 'begin' ? 1 : -1
      most = Math.max(most, running)
    }
    expect(host.calls).toHaveLength(ids.length)
    expect(most).toBeLessThanOrEqual(availableParallelism())
  })

  it('of different WPs do not wait for each other', async () => {
    // WP01 ends only when WP02 has been called: with one processor there is one call at a time.
    if (availableParallelism() === 1) return
    const host = scriptedHost(
      `if [ "$6" = WP01 ]; then while [ ! -e "$here/go" ]; do sleep 0.02; done; else touch "$here/go"; fi\nprintf '%s\\n' '${exclusive[2]}'`,
    )
    const outcomes = await Promise.all([append(host, 'WP01'), append(host, 'WP02')])
    expect(outcomes.every(outcome => outcome.ok)).toBe(true)
  })

  it('of the mission carry the constant actor', async () => {
    const data = { mission_slug: slug, accepted: true }
    const host = scriptedHost(answering(envelope('accept-mission', data)))
    expect(await host.client.acceptMission({ mission: slug })).toEqual({ ok: true, data, contract: '1.5.0' })
    expect(host.file('argv')).toContain('--actor\nsko\n')
  })

  it('get minutes when they allocate a worktree or merge', async () => {
    const data = { mission_slug: slug, merged: true, target_branch: 'work', strategy: 'merge' }
    const host = scriptedHost(`sleep 1.5\n${print(envelope('merge-mission', data))}`, { timeoutSeconds: 1 })
    expect(await host.client.mergeMission({ mission: slug })).toEqual({ ok: true, data, contract: '1.5.0' })
  })

  it('mark subtasks outside orchestrator-api', async () => {
    const data = { results: [{ id: 'T001', outcome: 'updated' }] }
    const host = scriptedHost(answering(JSON.stringify(data)))
    expect(await host.client.markSubtasks({ mission: slug, subtasks: ['T001'] })).toEqual({ ok: true, data })
    expect(host.file('argv')).toBe(`agent\ntasks\nmark-status\nT001\n--status\ndone\n--mission\n${slug}\n--json\n`)
  })
})

/** An unreaped zombie is dead. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return /^[^Z\s]/.test(stdout.trim())
}
