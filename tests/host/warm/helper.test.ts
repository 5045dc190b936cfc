import { afterEach, describe, expect, it, vi } from 'vitest'
import { createHelper } from '../../../src/host/warm/helper.ts'
import type { Request } from '../../../src/host/warm/lines.ts'
import { fakeWire } from './fake-wire.ts'

afterEach(() => void vi.useRealTimers())

const file = { path: '/tmp/x', inode: '1' }
const request: Request = {
  ...{ args: ['a'], cwd: '/repo', set: {}, unset: [], mutates: true, merges: false, stdout: file, stderr: file },
}

describe('a helper', () => {
  it.each([
    [{ ready: true }, 'ready'],
    [
      { cold: 'threads', detail: '2 threads' },
      { cause: 'threads', detail: '2 threads' },
    ],
    [null, 'died'],
  ])('%j at first is %j', async (said, how) => {
    const wire = fakeWire()
    const helper = createHelper(wire)
    if (said === null) wire.close()
    else wire.say(said)
    expect(await helper.ready).toEqual(how)
  })

  it.each<[string, unknown, object]>([
    ['an exit', { exit: 3 }, { kind: 'exited', exitCode: 3 }],
    ['a signal', { signal: 9 }, { kind: 'signaled', signal: 'SIGKILL' }],
    ['a signal without a name', { signal: 60 }, { kind: 'signaled', signal: 'signal 60' }],
  ])('reports %s of a call that has begun', async (_, end, exit) => {
    const wire = fakeWire()
    const begun = createHelper(wire).begin(request)
    expect(wire.sent).toEqual([{ id: 1, ...request }])
    wire.say({ id: 1, started: 4711 })
    const { call } = started(await begun)
    expect(call.group).toBe(4711)
    wire.say({ id: 1, ...Object(end) })
    expect(await call.exit).toEqual(exit)
  })

  it.each<[string, (wire: ReturnType<typeof fakeWire>) => void, boolean]>([
    ['is refused', wire => wire.say({ id: 1, refused: 'OSError' }), false],
    ['is refused because of the installation', wire => wire.say({ id: 1, refused: 'changed' }), true],
    ['ends before it has begun', wire => wire.say({ id: 1, signal: 9 }), false],
    ['was not begun when the helper died', wire => wire.close(), false],
  ])('a call that %s was not made', async (_, say, changed) => {
    const wire = fakeWire()
    const begun = createHelper(wire).begin(request)
    say(wire)
    expect(await begun).toEqual({ kind: 'refused', changed })
  })

  it('that dies leaves its calls to end by themselves', async () => {
    const wire = fakeWire()
    const helper = createHelper(wire)
    const begun = helper.begin(request)
    wire.say({ id: 1, started: 4711 })
    const { call } = started(await begun)
    wire.close()
    await helper.closed
    wire.end(4711)
    expect(await call.exit).toEqual({ kind: 'status-lost' })
    expect(await helper.begin(request)).toEqual({ kind: 'refused', changed: false })
  })

  it.each(['', 'no json', '{}', '{"id": 1}', '{"id": 1, "exit": "0"}', '{"ready": true, "more": 1}'])(
    'that says %j is killed',
    line => {
      const wire = fakeWire()
      createHelper(wire)
      wire.say(line)
      expect(wire.done).toEqual(['kill'])
    },
  )

  it('that does not answer for 10 s is killed, and the call was not made', async () => {
    vi.useFakeTimers()
    const wire = fakeWire()
    const begun = createHelper(wire).begin(request)
    await vi.advanceTimersByTimeAsync(9999)
    expect(wire.done).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(wire.done).toEqual(['kill'])
    wire.close()
    expect(await begun).toEqual({ kind: 'refused', changed: false })
  })

  it('that then cannot die leaves it unknown whether the call was made', async () => {
    vi.useFakeTimers()
    const begun = createHelper(fakeWire()).begin(request)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await started(await begun).call.exit).toEqual({ kind: 'status-lost' })
  })

  it('ends after its last call when it is retired, and takes no new one', async () => {
    const wire = fakeWire()
    const helper = createHelper(wire)
    void helper.begin(request)
    wire.say({ id: 1, started: 4711 })
    helper.retire()
    expect(await helper.begin(request)).toEqual({ kind: 'refused', changed: false })
    expect(wire.done).toEqual([])
    wire.say({ id: 1, exit: 0 })
    expect(wire.done).toEqual(['hang up'])
  })

  it('gets text as any other program would, with lone surrogates replaced', () => {
    const wire = fakeWire()
    void createHelper(wire).begin({ ...request, args: ['\ud800 \u{1f600}'] })
    expect(wire.sent).toMatchObject([{ args: ['\ufffd \u{1f600}'] }])
  })
})

function started(begun: Awaited<ReturnType<ReturnType<typeof createHelper>['begin']>>) {
  if (begun.kind !== 'started') throw new Error(`the call was ${begun.kind}`)
  return begun
}
