import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually } from '../leaks.ts'
import { isAlive } from './gated.ts'
import { makeTinyHost } from './tiny-host.ts'

describe('the limits of a call hold for a warm one', () => {
  it('its time, with all that it started, also when it ignores TERM', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    await warm.call(host.call(['exit', '0']), true)
    const pids = join(host.folder, 'pids')
    const result = await warm.call(host.call(['hang', pids], { timeoutSeconds: 1 }), true)
    expect(result).toEqual({ kind: 'timed-out' })
    const [call = 0, child = 0] = readFileSync(pids, 'utf8').split(' ').map(Number)
    await eventually(() => !isAlive(call) && !isAlive(child), 'the end of the call and its child')
    expect([host.importers().length, warm.reasons]).toEqual([1, []])
  })

  it('what it prints', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    expect(await warm.call(host.call(['flood']), true)).toEqual({ kind: 'too-much-output' })
    expect(await warm.call(host.call(['exit', '3']), true)).toMatchObject({ exitCode: 3 })
    expect([host.importers().length, warm.reasons]).toEqual([1, []])
  })

  it('it is not waited for what it leaves running', async () => {
    const host = makeTinyHost()
    const result = await host.warm().call(host.call(['background']), true)
    expect(result).toMatchObject({ kind: 'exited', exitCode: 0 })
    const pid = Number(result.kind === 'exited' ? result.stdout : 0)
    expect(isAlive(pid)).toBe(true)
    process.kill(pid)
  })

  it('a file for its answer is made new, and what was there is set aside', async () => {
    const host = makeTinyHost()
    const stdoutFile = join(host.folder, 'answer')
    writeFileSync(stdoutFile, 'old')
    await host.warm().call(host.call(['echo', 'new'], { stdoutFile }), true)
    expect([readFileSync(stdoutFile, 'utf8'), readFileSync(`${stdoutFile}.before-1`, 'utf8')]).toEqual(['new\n', 'old'])
    expect(host.importers()).toHaveLength(1)
  })

  it('what is left in the buffers of its files is written', async () => {
    const host = makeTinyHost()
    const file = join(host.folder, 'unflushed')
    await host.warm().call(host.call(['unflushed', file]), true)
    expect(readFileSync(file, 'utf8')).toBe('all of it')
  })

  it('two calls draw different random numbers', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    const [one, other] = [await warm.call(host.call(['random']), true), await warm.call(host.call(['random']), true)]
    const numbers = [one, other].flatMap(result => (result.kind === 'exited' ? result.stdout.split(/\s/) : []))
    expect(new Set(numbers.filter(Boolean)).size).toBe(4)
  })
})
