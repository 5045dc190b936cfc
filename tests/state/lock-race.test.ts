import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { identify } from '../../src/process/table/identity.ts'
import { readProcess } from '../../src/process/table/process-table.ts'
import { acquireRunLock, readRunLock } from '../../src/state/run-lock.ts'
import { useCompiled } from '../process/compiled.ts'
import { thisProcess, useKittify } from './sample-state.ts'

function programOf(pid: number): string {
  if (existsSync('/proc')) return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  return execFileSync('ps', ['-o', 'comm=', '-p', `${pid}`], { encoding: 'utf8' }).trim()
}

describe('run lock between processes', () => {
  const kittify = useKittify()
  const compiled = useCompiled(['.', 'core', 'files', 'process', 'state'])
  const contenders: ChildProcess[] = []
  afterEach(() => {
    for (const contender of contenders.splice(0)) contender.kill('SIGKILL')
  })

  const message = (child: ChildProcess) => new Promise<{ kind: string }>(got => child.once('message', got))

  async function start(count: number): Promise<void> {
    for (let i = 0; i < count; i++) contenders.push(fork(resolve('tests/state/lock-contender.mjs'), [compiled()]))
    await Promise.all(contenders.map(message))
  }

  async function ownersOfOneRace(): Promise<number> {
    const answers = Promise.all(contenders.map(message))
    const at = Date.now() + 5
    for (const contender of contenders) contender.send({ folder: kittify(), at })
    return (await answers).filter(answer => answer.kind === 'acquired').length
  }

  it('goes to one of eight that start together', async () => {
    await start(8)
    expect(await ownersOfOneRace()).toBe(1)
    expect(readRunLock(kittify())).not.toBeNull()
    expect(await ownersOfOneRace()).toBe(0)
  }, 60_000)

  it('of a dead owner is taken over by one of eight, 50 times', async () => {
    await start(8)
    const owners: number[] = []
    for (let round = 1; round <= 50; round++) {
      owners.push(await ownersOfOneRace())
      // The owner dies: the same lock, but of a process that started at another time.
      const [name = ''] = readdirSync(kittify()).filter(file => /^orchestrator\.lock\.\d+$/.test(file))
      const path = join(kittify(), name)
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), startTime: '1' }))
    }
    expect(owners).toEqual(Array(50).fill(1))
  }, 60_000)

  it('stays with an owner that is suspended, and is free when it is a zombie', async () => {
    await start(1)
    expect(await ownersOfOneRace()).toBe(1)
    const pid = contenders[0]?.pid ?? 0
    process.kill(pid, 'SIGSTOP')
    await vi.waitUntil(() => readProcess(pid)?.state === 'T', { timeout: 30_000 })
    expect(readRunLock(kittify())?.identity.pid).toBe(pid)
    expect(acquireRunLock(kittify(), thisProcess(), { runId: 'mine' }).kind).toBe('held')
    // No process waits for the end of this one: dead, and in the process table. A shell would wait, so it must be gone.
    const shell = spawn('/bin/sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => void shell.kill('SIGKILL'))
    const zombie = Number(await new Promise(got => shell.stdout.once('data', got)))
    await vi.waitUntil(() => programOf(shell.pid ?? 0).endsWith('sleep'), { timeout: 30_000 })
    process.kill(zombie, 'SIGKILL')
    await vi.waitUntil(() => readProcess(zombie)?.state === 'Z', { timeout: 30_000 })
    const identity = identify(zombie)
    const [name = ''] = readdirSync(kittify()).filter(file => /^orchestrator\.lock\.\d+$/.test(file))
    const path = join(kittify(), name)
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...identity }))
    expect(readRunLock(kittify())).toBeNull()
    expect(acquireRunLock(kittify(), thisProcess(), { runId: 'mine' }).kind).toBe('acquired')
  }, 120_000)
})
