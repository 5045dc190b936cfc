import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { unreadOutput } from '../../../src/process/unread-output.ts'
import { useCompiled } from '../compiled.ts'
import { eventually } from '../leaks.ts'
import { gated, isAlive, lastImporter } from './gated.ts'
import { makeTinyHost, type TinyHost } from './tiny-host.ts'

const compiled = useCompiled(['.', 'core', 'files', 'process', 'run', 'host'])

function callFromProcess(host: TinyHost, calls: readonly { readonly mutates: boolean; readonly call: object }[]) {
  const options = { command: host.command, cwd: host.repo, env: host.env }
  return spawn(
    process.execPath,
    [resolve('fixtures/bin/warm-caller.mjs'), compiled(), JSON.stringify(options), JSON.stringify(calls)],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, TMPDIR: host.folder } },
  )
}

it('kill -9 of sko ends the helper and a read; a change finishes, and its answer can be read back', async () => {
  const host = makeTinyHost()
  const [change, read] = [gated(host, 'change'), gated(host, 'read')]
  const stdoutFile = join(host.folder, 'answer')
  const parent = callFromProcess(host, [
    { mutates: true, call: host.call(change.args, { stdoutFile }) },
    { mutates: false, call: host.call(read.args) },
  ])
  const [changing, reading, helper] = [await change.pid(), await read.pid(), await lastImporter(host, 1)]

  const leftInTemp = () => readdirSync(host.folder).filter(name => name.startsWith('sko-'))
  // As for any call, a file for its output has a name until the call has begun.
  await eventually(() => leftInTemp().length === 0, 'the end of the names of its files')
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  await eventually(() => !isAlive(helper) && !isAlive(reading), 'the end of the helper and of the read')
  expect(isAlive(changing)).toBe(true)
  const answer = unreadOutput(stdoutFile, text => text !== '', 60)
  change.open()

  expect(await answer).toEqual({ kind: 'ended', text: 'applied\n' })
  await eventually(() => !isAlive(changing), 'the end of the change')
  expect(leftInTemp()).toEqual([])
})

it('kill -9 of sko ends a helper that is still loading', async () => {
  const host = makeTinyHost({ modules: { 'deep/late.py': 'import time\ntime.sleep(600)' } })
  const parent = callFromProcess(host, [{ mutates: true, call: host.call(['exit', '0']) }])
  const helper = await lastImporter(host, 1)
  parent.kill('SIGKILL')
  await eventually(() => !isAlive(helper), 'the end of the helper')
})

it('a process with a warm host ends by itself, and leaves nothing in the temp folder', async () => {
  const host = makeTinyHost()
  const parent = callFromProcess(host, [
    { mutates: true, call: host.call(['echo', 'x'], { stdoutFile: join(host.folder, 'a') }) },
  ])
  expect(await once(parent, 'exit')).toEqual([0, null])
  expect(readFileSync(join(host.folder, 'a'), 'utf8')).toBe('x\n')
  const helper = await lastImporter(host, 1)
  await eventually(() => !isAlive(helper), 'the end of the helper')
  expect(readdirSync(host.folder).filter(name => name.startsWith('sko-'))).toEqual([])
})
