import { describe, expect, it } from 'vitest'
import { type CallProcess, runHostCall } from '../../../src/process/host-call.ts'
import { makeTinyHost } from './tiny-host.ts'

describe('a warm call does what the script does by itself', () => {
  it.each([
    ['arguments and what Python knows of itself', ['look', '', 'ä\u{1f600}', '--x=1\n2', '\ud800']],
    ['both streams', ['echo', 'ü', '€']],
    ['exit 0', ['exit', '0']],
    ['exit 3', ['exit', '3']],
    ['exit -1', ['exit', '-1']],
    ['exit 256', ['exit', '256']],
    ['an exit with a message', ['say-exit', 'was es war']],
    ['an exception', ['raise']],
    ['an exception hook', ['hook']],
    ['an interrupt', ['interrupt']],
    ['a signal', ['signal', '6']],
    ['what is registered for the end', ['atexit']],
    ['usage: too few arguments', []],
  ])('%s', async (_, args) => {
    const host = makeTinyHost()
    const warm = host.warm()
    const env = { ...host.env, SKO_MARK: 'of this call' }
    const cold = await runHostCall(host.call(args, { env }))
    const processes: CallProcess[] = []
    const onEnded = (process: CallProcess) => processes.push(process)
    expect(await warm.call(host.call(args, { env, onEnded }), true)).toEqual(cold)
    expect(processes.map(process => process.warm)).toEqual([true])
    expect(host.importers()).toHaveLength(2)
    const dies = cold.kind === 'signaled'
    expect(warm.reasons).toEqual(dies ? [{ cause: 'call-died', detail: cold.signal }] : [])
  })
})
