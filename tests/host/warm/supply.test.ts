import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHelper, type WhyCold } from '../../../src/host/warm/helper.ts'
import { createSupply } from '../../../src/host/warm/supply.ts'
import { type FakeWire, fakeWire } from './fake-wire.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function rig() {
  const wires: FakeWire[] = []
  const reasons: WhyCold[] = []
  const supply = createSupply(async () => {
    const wire = fakeWire()
    wires.push(wire)
    return createHelper(wire)
  })
  supply.onCold(why => reasons.push(why))
  return { supply, wires, reasons, last: () => wires.at(-1) }
}

describe('the supply of a helper', () => {
  it('waits for one that is busy, and later calls need not', async () => {
    const { supply, last, wires } = rig()
    const next = supply.next()
    for (let second = 0; second < 30; second++) {
      await vi.advanceTimersByTimeAsync(1000)
      last()?.use((second + 1) / 10)
    }
    last()?.say({ ready: true })
    expect(await next).not.toBeNull()
    expect(await supply.next()).toBe(await next)
    expect(wires).toHaveLength(1)
  })

  it.each<[string, number, (second: number) => number | null]>([
    ['uses no processor time for 2 s', 6, second => Math.min(second, 3) / 10],
    ['uses more than any call', 8, second => 1.5 * second],
    ['is not ready after a minute', 60, second => second / 100],
    ['is gone', 4, second => (second > 2 ? null : 1)],
  ])('does not wait for one that %s; calls are warm once it is ready', async (_, after, used) => {
    const { supply, last, reasons } = rig()
    let answer: unknown = 'none'
    void supply.next().then(helper => {
      answer = helper
    })
    await vi.advanceTimersByTimeAsync(0)
    for (let second = 0; second < after; second++) {
      expect([second, answer]).toEqual([second, 'none'])
      last()?.use(used(second + 1))
      await vi.advanceTimersByTimeAsync(1000)
    }
    await vi.advanceTimersByTimeAsync(1)
    expect(answer).toBeNull()
    const second = supply.next()
    await vi.advanceTimersByTimeAsync(0)
    expect(await second).toBeNull()
    last()?.say({ ready: true })
    expect(await supply.next()).not.toBeNull()
    expect(reasons).toEqual([])
  })

  it('gives up on one that is not ready after 2 minutes', async () => {
    const { supply, last, reasons } = rig()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(reasons).toEqual([{ cause: 'too-slow', detail: null }])
    expect(last()?.done).toEqual(['hang up'])
    expect(await supply.next()).toBeNull()
  })

  it('is cold for good when the helper says why', async () => {
    const { supply, last, reasons } = rig()
    const next = supply.next()
    await vi.advanceTimersByTimeAsync(0)
    last()?.say({ cold: 'prints', detail: null })
    expect(await next).toBeNull()
    supply.goCold({ cause: 'changed', detail: null })
    const late: WhyCold[] = []
    supply.onCold(why => late.push(why))
    expect([reasons, late]).toEqual([[{ cause: 'prints', detail: null }], [{ cause: 'prints', detail: null }]])
  })

  it('starts one again that has paid for its start, however often', async () => {
    const { supply, last, wires, reasons } = rig()
    for (let n = 1; n <= 10; n++) {
      await vi.advanceTimersByTimeAsync(0)
      last()?.say({ ready: true })
      for (let call = 0; call < 5; call++) expect(await supply.next()).not.toBeNull()
      last()?.close()
      await vi.advanceTimersByTimeAsync(0)
      expect(wires).toHaveLength(n + 1)
    }
    expect(reasons).toEqual([])
  })

  it('starts one again twice that has not, and is cold then; a call waits through it all', async () => {
    const { supply, last, wires, reasons } = rig()
    const next = supply.next()
    for (let n = 0; n < 3; n++) {
      await vi.advanceTimersByTimeAsync(0)
      last()?.close()
    }
    expect(await next).toBeNull()
    expect([wires.length, reasons]).toEqual([3, [{ cause: 'helper-died', detail: null }]])
  })

  it('starts none again after it was closed', async () => {
    const { supply, last, wires, reasons } = rig()
    supply.close()
    await vi.advanceTimersByTimeAsync(0)
    last()?.close()
    await vi.advanceTimersByTimeAsync(0)
    expect([wires.length, last()?.done, reasons, await supply.next()]).toEqual([1, ['hang up'], [], null])
  })

  it('is cold when none can be started', async () => {
    const reasons: WhyCold[] = []
    const supply = createSupply(() => Promise.reject(new Error('EAGAIN')))
    supply.onCold(why => reasons.push(why))
    expect(await supply.next()).toBeNull()
    await vi.advanceTimersByTimeAsync(0)
    expect(reasons).toEqual([{ cause: 'helper-died', detail: null }])
  })
})
