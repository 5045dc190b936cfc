import { describe, expect, it } from 'vitest'
import { eventually } from '../leaks.ts'
import { gated, isAlive, lastImporter } from './gated.ts'
import { makeTinyHost } from './tiny-host.ts'

const kill = (pid: number) => process.kill(pid, 'SIGKILL')

describe('when the helper is killed', () => {
  it('between two calls, it is started again', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    const pids: unknown[] = []
    for (let n = 1; n <= 2; n++) {
      const result = await warm.call(host.call(['pid']), true)
      const helper = await lastImporter(host, n)
      pids.push([result, helper])
      expect(result).toMatchObject({ stdout: expect.stringMatching(new RegExp(`^\\d+ ${helper}\\n$`)) })
      kill(helper)
      await lastImporter(host, n + 1)
    }
    expect(warm.reasons).toEqual([])
  })

  it('again and again, calls are cold', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    for (let n = 1; n <= 3; n++) kill(await lastImporter(host, n))
    await eventually(() => warm.reasons.length > 0, 'the reason')
    expect(await warm.call(host.call(['exit', '3']), true)).toMatchObject({ kind: 'exited', exitCode: 3 })
    expect(warm.reasons).toEqual([{ cause: 'helper-died', detail: null }])
    expect(host.importers()).toHaveLength(4)
  })

  it('during a change, the call is waited for and its answer is read; it is not made again', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    const gate = gated(host)
    const result = warm.call(host.call(gate.args), true)
    const pid = await gate.pid()
    kill(await lastImporter(host, 1))
    await lastImporter(host, 2)
    gate.open()
    expect(await result).toEqual({ kind: 'status-lost', stdout: 'applied\n' })
    expect(isAlive(pid)).toBe(false)
    expect(warm.reasons).toEqual([])
  })

  it('during a read, the read is made again, cold', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    const gate = gated(host)
    const result = warm.call(host.call(gate.args), false)
    await gate.pid()
    kill(await lastImporter(host, 1))
    await lastImporter(host, 2)
    gate.open()
    expect(await result).toMatchObject({ kind: 'exited', exitCode: 0, stdout: 'applied\n' })
  })

  it('during a change that takes too long, the call is ended like any other', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    const gate = gated(host)
    const result = warm.call(host.call(gate.args, { timeoutSeconds: 3 }), true)
    const pid = await gate.pid()
    kill(await lastImporter(host, 1))
    expect(await result).toEqual({ kind: 'timed-out' })
    expect(isAlive(pid)).toBe(false)
  })
})

describe('when a call is killed', () => {
  it('a change is reported so, and later calls are cold', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    const gate = gated(host)
    const result = warm.call(host.call(gate.args), true)
    kill(await gate.pid())
    expect(await result).toEqual({ kind: 'signaled', signal: 'SIGKILL' })
    expect(warm.reasons).toEqual([{ cause: 'call-died', detail: 'SIGKILL' }])
    expect(await warm.call(host.call(['exit', '3']), true)).toMatchObject({ exitCode: 3 })
  })

  it('a read is made again, cold', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    const gate = gated(host)
    const result = warm.call(host.call(gate.args), false)
    kill(await gate.pid())
    gate.open()
    expect(await result).toMatchObject({ kind: 'exited', stdout: 'applied\n' })
  })
})

describe('when it is closed', () => {
  it('the helper ends, a read is ended, and a change is left to finish', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    const [change, read] = [gated(host, 'change'), gated(host, 'read')]
    const changed = warm.call(host.call(change.args), true)
    void warm.call(host.call(read.args), false)
    const [changing, reading, helper] = [await change.pid(), await read.pid(), await lastImporter(host, 1)]
    warm.close()
    await eventually(() => !isAlive(helper) && !isAlive(reading), 'the end of both')
    expect(isAlive(changing)).toBe(true)
    change.open()
    read.open()
    expect(await changed).toEqual({ kind: 'status-lost', stdout: 'applied\n' })
  })

  it('a helper that is still loading ends', async () => {
    const host = makeTinyHost({ modules: { 'deep/late.py': 'import time\ntime.sleep(600)' } })
    const warm = host.warm()
    const helper = await lastImporter(host, 1)
    warm.close()
    await eventually(() => !isAlive(helper), 'the end of the helper')
  })
})
