import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { codex } from '../../../src/agents/adapters/codex.ts'
import { agentId } from '../../../src/agents/agent-id.ts'
import { type DetectedAgent, detectAgents, versionWarning } from '../../../src/agents/detect/detect.ts'
import type { Agent, Detection } from '../../../src/run/attempts/agent.ts'

let root = ''
let bin = ''
let home = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sko-detect-'))
  bin = join(root, 'bin')
  home = join(root, 'home')
  for (const folder of [bin, home]) mkdirSync(folder)
})

afterEach(() => rmSync(root, { recursive: true }))

const noSigns = { env: [], files: [], statusArgs: null }

/** An agent whose program `name` is a shell script. */
function agent(script: string | null, detection: Partial<Detection> = {}, name = 'codex'): Agent {
  if (script !== null) writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const standard = { versionArgs: ['--version'], testedVersion: '0.169.0', signIn: noSigns }
  return { ...codex, id: agentId(name), binaries: [name], detection: { ...standard, ...detection } }
}

interface Look {
  readonly env?: Readonly<Record<string, string>>
  readonly ownEnv?: Readonly<Record<string, string>>
  readonly timeoutSeconds?: number
  readonly signal?: AbortSignal
}

async function detect(agents: readonly Agent[], { env, ownEnv = {}, ...more }: Look = {}) {
  const path = `${bin}:${process.env.PATH}`
  return detectAgents(agents, 'version-and-sign-in', {
    env: { ...env, PATH: path },
    home,
    ownEnv: () => ownEnv,
    ...more,
  })
}

async function detectOne(one: Agent, look: Look = {}): Promise<DetectedAgent> {
  const [detected] = await detect([one], look)
  if (!detected) throw new Error('nothing was told of the agent')
  return detected
}

/** Zombies do not count. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function writtenPids(): readonly number[] {
  return readFileSync(join(home, 'pids'), 'utf8').trim().split('\n').map(Number)
}

describe('the version', () => {
  it.each<[string, string, DetectedAgent['version']]>([
    ['on stdout', 'echo "codex-cli 0.169.4"', { kind: 'known', version: '0.169.4', status: 'tested' }],
    ['outside the range', 'echo 0.170.0', { kind: 'known', version: '0.170.0', status: 'outside' }],
    ['on stderr alone', 'echo 0.169.0 >&2', { kind: 'known', version: '0.169.0', status: 'tested' }],
    ['on both', 'echo 1.1.1 >&2; echo 0.169.0', { kind: 'known', version: '0.169.0', status: 'tested' }],
    ['in colour', "printf '\\033[1m0.169.0\\033[0m'", { kind: 'known', version: '0.169.0', status: 'tested' }],
    ['as a date', 'echo 2026.08.25-3e8eec8', { kind: 'unknown', said: '2026.08.25-3e8eec8' }],
    ['as nothing', 'exit 0', { kind: 'unknown', said: '' }],
    ['as control codes', "printf 'a\\033]0;owned\\007\\r\\033[2Jb\\000c'", { kind: 'unknown', said: 'a bc' }],
    [
      'in a megabyte',
      "head -c 1000000 /dev/zero | tr '\\0' 1",
      { kind: 'no-answer', reason: 'printed more than 64 KiB' },
    ],
    ['with exit 1', 'echo 0.169.0; exit 1', { kind: 'no-answer', reason: 'ended with exit 1: 0.169.0' }],
    ['not, being killed', 'kill -9 $$', { kind: 'no-answer', reason: 'was ended by SIGKILL' }],
    ['with what it reads', 'read line; echo "0.169.0 $line"', { kind: 'known', version: '0.169.0', status: 'tested' }],
    ['in the home folder', 'cat version', { kind: 'unknown', said: 'a file of home' }],
  ])('is reported as %s', async (_, script, version) => {
    writeFileSync(join(home, 'version'), 'a file of home')

    const detected = await detectOne(agent(script))

    expect(detected).toEqual({ ...detected, program: join(bin, 'codex'), version })
  })

  it('is not asked of what is not installed, or does not say how', async () => {
    const [missing, mute] = await detect([
      agent(null, {}, 'absent'),
      agent('touch asked', { versionArgs: null }, 'mute'),
    ])

    expect(missing).toEqual({
      id: 'absent',
      program: null,
      version: { kind: 'not-asked' },
      signedIn: { answer: 'unknown', sign: null },
    })
    expect(mute).toMatchObject({ program: join(bin, 'mute'), version: { kind: 'not-asked' } })
    expect(() => readFileSync(join(home, 'asked'))).toThrow()
  })

  it('is unknown of a program that cannot be started', async () => {
    writeFileSync(join(bin, 'broken'), '#!/nowhere/interpreter\n', { mode: 0o755 })

    const { version } = await detectOne(agent(null, {}, 'broken'))

    expect(version).toMatchObject({ kind: 'no-answer', reason: expect.stringContaining('could not be started') })
  })

  it('is not waited for longer than its time, and nothing of the program is left', async () => {
    const hang = `trap '' TERM
sleep 300 & echo $! >> pids
setsid sleep 300 & echo $! >> pids
echo $$ >> pids
while :; do sleep 300; done`

    const { version } = await detectOne(agent(hang), { timeoutSeconds: 0.3 })

    expect(version).toEqual({ kind: 'no-answer', reason: 'gave no answer in time' })
    expect(writtenPids().map(isAlive)).toEqual([false, false, false])
  })

  it('ends what a program leaves running when it has answered', async () => {
    const { version } = await detectOne(agent('setsid sleep 300 & echo $! >> pids; echo 0.169.0'))

    expect(version).toMatchObject({ version: '0.169.0' })
    expect(writtenPids().map(isAlive)).toEqual([false])
  })

  it('is not asked any more once the look is over', async () => {
    const over = new AbortController()
    over.abort()

    const { version } = await detectOne(agent('touch asked; echo 0.169.0'), { signal: over.signal })

    expect(version).toEqual({ kind: 'no-answer', reason: 'was not asked' })
    expect(() => readFileSync(join(home, 'asked'))).toThrow()
  })

  it('is asked of four at a time, and reported in the order of the agents', async () => {
    // Each waits for three others, so fewer at once would never end.
    const meet = 'echo $$ >> met; while [ $(wc -l < met) -lt 4 ]; do sleep 0.02; done; echo 0.169.0'
    const names = ['one', 'two', 'three', 'four']

    const found = await detect(names.map(name => agent(meet, {}, name)))

    expect(found.map(({ id }) => id)).toEqual(names)
    expect(found.map(({ version }) => version.kind)).toEqual(names.map(() => 'known'))
  })

  it('is asked with the variables that are set for the agent, and without those of a git hook', async () => {
    const said = agent('echo "$PROXY <$GIT_DIR>"')

    const { version } = await detectOne(said, { env: { PROXY: 'ours', GIT_DIR: '/hook' }, ownEnv: { PROXY: 'its' } })

    expect(version).toEqual({ kind: 'unknown', said: 'its <>' })
  })
})

describe('who is signed in', () => {
  const signs = { env: ['FIRST_KEY', 'SECOND_KEY'], files: ['~/.none', '~/.codex/auth.json'] }
  const value = 'a-value-that-is-never-told'
  const status = (script: string) => `case $1 in login) ${script};; *) echo 0.169.0;; esac`

  it.each<[string, string | null, Readonly<Record<string, string>>, boolean, DetectedAgent['signedIn']]>([
    ['its command says yes', status('exit 0'), {}, false, { answer: 'yes', sign: 'login status' }],
    ['its command says no', status('exit 3'), {}, true, { answer: 'no', sign: 'login status' }],
    ['no, but a key is set', status('exit 1'), { SECOND_KEY: value }, true, { answer: 'likely', sign: 'SECOND_KEY' }],
    ['its command breaks', status('kill -9 $$'), {}, true, { answer: 'likely', sign: '~/.codex/auth.json' }],
    ['it has no command: a key', null, { FIRST_KEY: value }, true, { answer: 'likely', sign: 'FIRST_KEY' }],
    ['it has no command: a file', null, { FIRST_KEY: '' }, true, { answer: 'likely', sign: '~/.codex/auth.json' }],
    ['it has no command: nothing', null, {}, false, { answer: 'unknown', sign: null }],
  ])('%s', async (_, script, env, hasFile, signedIn) => {
    if (hasFile) {
      mkdirSync(join(home, '.codex'))
      writeFileSync(join(home, '.codex/auth.json'), value)
    }
    const statusArgs = script === null ? null : ['login', 'status']
    const one = agent(script ?? 'echo 0.169.0', { signIn: { ...signs, statusArgs } })

    const byUser = await detectOne(one, { env })
    const byConfiguration = await detectOne(one, { ownEnv: env })

    expect(byUser.signedIn).toEqual(signedIn)
    expect(byConfiguration).toEqual(byUser)
    expect(JSON.stringify(byUser)).not.toContain(value)
  })
})

describe('the warning', () => {
  const cursor = { testedVersion: null } as const

  it.each<[string, Agent, DetectedAgent['version'], string | null]>([
    ['tested', codex, { kind: 'known', version: '0.169.1', status: 'tested' }, null],
    ['not installed', codex, { kind: 'not-asked' }, null],
    [
      'outside',
      codex,
      { kind: 'known', version: '0.171.2', status: 'outside' },
      'codex 0.171.2 is outside the tested range >=0.169.0 <0.170.0',
    ],
    [
      'never run',
      { ...codex, detection: { ...codex.detection, ...cursor } },
      { kind: 'known', version: '1.0.3', status: 'never-run' },
      'codex 1.0.3 was never tried by us: its adapter is based on documentation',
    ],
    [
      'unknown and never run',
      { ...codex, detection: { ...codex.detection, ...cursor } },
      { kind: 'unknown', said: '2026.08.25-3e8eec8' },
      'codex has an unknown version: asked with --version, it says "2026.08.25-3e8eec8"; it was never tried by us: its adapter is based on documentation',
    ],
    [
      'no answer',
      codex,
      { kind: 'no-answer', reason: 'gave no answer in time' },
      'codex has an unknown version: asked with --version, it gave no answer in time; tested: >=0.169.0 <0.170.0',
    ],
    [
      'asked with control codes',
      { ...codex, detection: { ...codex.detection, versionArgs: ['--v\u001b[31mersion\u0007'] } },
      { kind: 'no-answer', reason: 'gave no answer in time' },
      'codex has an unknown version: asked with --version, it gave no answer in time; tested: >=0.169.0 <0.170.0',
    ],
    [
      "the user's own",
      { ...codex, id: agentId('mine'), detection: { ...codex.detection, ...cursor } },
      { kind: 'known', version: '9.9.9', status: 'own' },
      null,
    ],
  ])('%s', (_, one, version, message) => {
    expect(versionWarning(one, { version })?.message ?? null).toBe(message)
  })
})
