import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { identify } from '../../src/process/table/identity.ts'
import { eventually, processesWith } from './leaks.ts'
import { useRig } from './run-fixture.ts'

describe('how an agent ends', () => {
  const rig = useRig()

  it.each([
    ['exit 0', { kind: 'exited', code: 0 }],
    ['exit 3', { kind: 'exited', code: 3 }],
    ['exit 145', { kind: 'exited', code: 145 }],
    ['kill -SEGV $$', { kind: 'signaled', signal: 'SIGSEGV' }],
  ])('%s', async (script, expected) => {
    expect((await rig().run('/bin/sh', ['-c', script])).end).toEqual(expected)
  })

  it('missing program', async () => {
    const { end } = await rig().run('/no/such/agent', [])
    expect(end).toEqual({ kind: 'spawn-failed', reason: 'missing-program', message: expect.stringContaining('ENOENT') })
    expect(rig().spawned).toEqual([])
  })

  it('missing folder', async () => {
    const { end } = await rig().run('/bin/true', [], { cwd: '/no/such/folder' })
    expect(end).toEqual({ kind: 'spawn-failed', reason: 'other', message: 'there is no folder /no/such/folder' })
  })

  it('program that may not be executed', async () => {
    const file = join(rig().folder, 'agent')
    writeFileSync(file, '#!/bin/sh\n')
    chmodSync(file, 0o644)
    const { end } = await rig().run(file, [])
    expect(end).toEqual({ kind: 'spawn-failed', reason: 'refused', message: expect.stringContaining('EACCES') })
  })

  it.each([
    ['that is a folder', null, 0o755, 'EACCES', 'refused'],
    ['that is empty', '', 0o755, 'ENOEXEC', 'refused'],
    ['that no shell is to take for a script', 'echo run\n', 0o755, 'ENOEXEC', 'refused'],
    ['whose interpreter is missing', '#!/no/such/interpreter -x\n', 0o755, 'ENOENT', 'missing-program'],
    ['whose first line ends as on Windows', '#!/bin/sh\r\n', 0o755, 'ENOENT', 'missing-program'],
  ])('program %s', async (_, content, mode, code, reason) => {
    const file = join(rig().folder, 'agent')
    if (content === null) mkdirSync(file)
    else writeFileSync(file, content, { mode })
    const { end } = await rig().run(file, [])
    expect(end).toEqual({ kind: 'spawn-failed', reason, message: expect.stringContaining(code) })
    expect(rig().spawned).toEqual([])
  })

  it('argument of 200 KB', async () => {
    const { end } = await rig().run('/bin/true', ['x'.repeat(200_000)])
    expect(end).toEqual({ kind: 'spawn-failed', reason: 'refused', message: expect.stringContaining('E2BIG') })
  })

  it('argument with a NUL byte', async () => {
    expect((await rig().run('/bin/true', ['a\0b'])).end).toMatchObject({ kind: 'spawn-failed', reason: 'refused' })
  })

  it('missing prompt file: the agent is not started', async () => {
    const { end } = await rig().run('/bin/true', [], { stdinFile: join(rig().folder, 'no.md') })
    expect(end).toMatchObject({ kind: 'spawn-failed', reason: 'other' })
    expect(rig().spawned).toEqual([])
  })

  it('missing folder for its logs: the agent is not started', async () => {
    const { end } = await rig().run('/bin/true', [], { stdoutFile: join(rig().folder, 'gone', 'a.out.log') })
    expect(end).toMatchObject({ kind: 'spawn-failed', reason: 'other' })
    expect(rig().spawned).toEqual([])
  })

  it('aborted before the start: the agent is not started', async () => {
    rig().stop.abort()
    expect((await rig().run('/bin/true', [])).end).toEqual({ kind: 'aborted' })
    expect(rig().spawned).toEqual([])
  })

  it('an identity that cannot be saved ends the agent', async () => {
    const failure = new Error('disk full')
    const run = rig().run('/bin/sleep', [rig().token], {}, () => Promise.reject(failure))
    await expect(run).rejects.toBe(failure)
    expect(processesWith(rig().token)).toEqual([])
  })

  it('ends that come while the identity is still being saved are not lost', async () => {
    const saved = () => eventually(() => identify(rig().spawned[0]?.pid ?? 0) === null, 'the agent is gone')
    expect((await rig().run('/bin/sh', ['-c', 'exit 4'], {}, saved)).end).toEqual({ kind: 'exited', code: 4 })
  })

  it('names the process that was started', async () => {
    const run = rig().run('/bin/sh', ['-c', 'echo ready; read -r _ < /dev/zero'])
    await rig().ready()
    expect(rig().spawned).toEqual([identify(rig().spawned[0]?.pid ?? 0)])
    rig().stop.abort()
    await run
  })
})

describe('what an agent reads and prints', () => {
  const rig = useRig()

  it('gets a prompt of 2 MB byte for byte', async () => {
    const promptFile = join(rig().folder, 'a.prompt.md')
    const copy = join(rig().folder, 'copy')
    const prompt = Buffer.concat([
      Buffer.from('--help $(touch x) `id` \0\n\xff\u2028'),
      Buffer.alloc(2 << 20, 'ab\0\n'),
    ])
    writeFileSync(promptFile, prompt)
    const { end } = await rig().run('agent-talk.mjs', ['copy-stdin', copy], { stdinFile: promptFile })
    expect(end).toEqual({ kind: 'exited', code: 0 })
    expect(readFileSync(copy).equals(prompt)).toBe(true)
  })

  it('sees an empty standard input without a prompt file', async () => {
    const copy = join(rig().folder, 'copy')
    await rig().run('agent-talk.mjs', ['copy-stdin', copy])
    expect(readFileSync(copy)).toHaveLength(0)
  })

  it('prints 200 MB to the log and nothing into our memory', async () => {
    const base = process.memoryUsage.rss()
    let peak = base
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }, 10)
    const { end } = await rig().run('agent-talk.mjs', ['flood', '200'])
    clearInterval(timer)
    expect(end).toEqual({ kind: 'exited', code: 0 })
    expect(statSync(rig().stdoutFile).size).toBe(200 << 20)
    expect(peak - base).toBeLessThan(40 << 20)
  })

  it('writes logs that only the user may read, and keeps what was there apart', async () => {
    const file = rig().stdoutFile
    writeFileSync(file, '{"verdict":"approved"}')
    const old = process.umask(0)
    try {
      await rig().run('/bin/sh', ['-c', 'echo one'])
      await rig().run('/bin/sh', ['-c', 'echo two'])
    } finally {
      process.umask(old)
    }
    expect(rig().stdout()).toBe('two\n')
    expect(readFileSync(`${file}.before-1`, 'utf8')).toBe('{"verdict":"approved"}')
    expect(readFileSync(`${file}.before-2`, 'utf8')).toBe('one\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('follows no link that was put in the place of its log', async () => {
    const elsewhere = join(rig().folder, 'elsewhere')
    symlinkSync(elsewhere, rig().stdoutFile)
    await rig().run('/bin/sh', ['-c', 'echo one'])
    expect(existsSync(elsewhere)).toBe(false)
    expect(rig().stdout()).toBe('one\n')
  })

  it('has exactly the environment it was given, and the marker', async () => {
    await rig().run('/usr/bin/env', [], { env: { ONLY: 'this' } })
    expect(rig().stdout().trim().split('\n').sort()).toEqual(['ONLY=this', `SKO_TEST=${rig().token}`])
  })

  it('has variables, too, whose names no shell takes', async () => {
    await rig().run('/usr/bin/env', [], { env: { 'npm_config_//here/:_key': 'that' } })
    expect(rig().stdout()).toContain('npm_config_//here/:_key=that\n')
  })

  it('has the arguments, the descriptors, the signals and the file mode of any program', async () => {
    const args = [
      '-c',
      'echo "$0 $#"; grep -v SigQ /proc/self/status | grep Sig; ls /proc/self/fd; umask',
      'me',
      'a',
      '',
    ]
    const old = process.umask(0o027)
    try {
      await rig().run('/bin/sh', args)
      expect(rig().stdout()).toBe(spawnSync('/bin/sh', args, { encoding: 'utf8' }).stdout)
    } finally {
      process.umask(old)
    }
    expect(rig().stdout()).toMatch(/^me 2\n(.*\n)+0027\n$/)
  })

  it('keeps the logs to what the agent printed, however it dies, and its status to the user', async () => {
    const script = 'printf out; printf err >&2; kill -TERM 0; kill -SEGV $$'
    expect((await rig().run('/bin/sh', ['-c', script])).end).toEqual({ kind: 'signaled', signal: 'SIGTERM' })
    const read = (name: string) => readFileSync(join(rig().folder, name), 'utf8')
    expect([rig().stdout(), read('a.err.log'), read('a.status')]).toEqual(['out', 'err', '143\n'])
    expect(statSync(join(rig().folder, 'a.status')).mode & 0o777).toBe(0o600)
  })

  it('leaves no descriptor open in us', async () => {
    const open = () => readdirSync('/proc/self/fd').length
    await rig().run('/bin/true', [])
    const before = open()
    for (let i = 0; i < 5; i++) await rig().run('/bin/true', [])
    await rig().run('/no/such/agent', [])
    expect(open()).toBeLessThanOrEqual(before)
  })
})

describe('an agent that prints without end', () => {
  const rig = useRig()

  it('is ended when its logs together are larger than they may be', async () => {
    const maxLogBytes = 3_000_000
    const script = `head -c 2000000 /dev/zero; head -c 2000000 /dev/zero >&2; sleep ${rig().token}`
    const { end } = await rig().run('/bin/sh', ['-c', script], { maxLogBytes })
    expect(end).toEqual({ kind: 'log-full', bytes: maxLogBytes })
  })

  it('is not touched up to that', async () => {
    const { end } = await rig().run('/bin/sh', ['-c', 'head -c 2000000 /dev/zero; sleep 1.5'], { maxLogBytes: 2e6 })
    expect(end).toEqual({ kind: 'exited', code: 0 })
  })
})
