import { describe, expect, it } from 'vitest'
import { identify, isAlive } from '../../../src/process/table/identity.ts'
import { listProcesses, parseStat, readProcess, readWithPs } from '../../../src/process/table/process-table.ts'
import { ancestors, descendants, groupMembers } from '../../../src/process/table/process-tree.ts'

const stat =
  '4711 (a) R (b) S 10 20 30 0 -1 4194304 1 2 3 4 150 50 25 25 20 0 1 0 987654 1 2 18446744073709551615 1 1 0 0'

describe('process table', () => {
  it('reads the fields after the last bracket of the name', () => {
    expect(parseStat(stat)).toEqual({
      pid: 4711,
      ppid: 10,
      pgid: 20,
      session: 30,
      state: 'S',
      startTime: '987654',
      cpuSeconds: 2.5,
    })
  })

  it.each(['', '4711', '4711 (cat) S 1 2'])('makes nothing of %j', text => {
    expect(parseStat(text)).toBeNull()
  })

  it('has us and those we run under', () => {
    const table = listProcesses()
    expect(table.get(process.pid)).toMatchObject({ ppid: process.ppid, state: expect.stringMatching(/[RS]/) })
    expect(ancestors(process.pid, table)[0]).toBe(process.ppid)
    expect(descendants(process.ppid, table).map(entry => entry.pid)).toContain(process.pid)
    expect(groupMembers(readProcess(process.pid)?.pgid ?? 0, table).map(entry => entry.pid)).toContain(process.pid)
  })

  it('leaves a circle of parents', () => {
    const entry = { pgid: 1, session: 1, state: 'S', startTime: '1', cpuSeconds: 0 }
    const table = new Map([
      [5, { pid: 5, ppid: 6, ...entry }],
      [6, { pid: 6, ppid: 5, ...entry }],
    ])
    expect(ancestors(5, table)).toEqual([6])
    expect(descendants(6, table).map(found => found.pid)).toEqual([5])
  })

  it('reads the same through ps', () => {
    const [entry] = readWithPs(['-p', String(process.pid)])
    expect(entry).toMatchObject({ pid: process.pid, ppid: process.ppid, pgid: readProcess(process.pid)?.pgid })
    expect(entry?.startTime).toMatch(/^\w{3} \w{3} \d+ [\d:]{8} \d{4}$/)
    expect(entry?.cpuSeconds).toBeGreaterThanOrEqual(0)
  })

  it('identifies a process beyond its pid', () => {
    const self = identify(process.pid)
    expect(self).toMatchObject({ pid: process.pid, bootId: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(self !== null && isAlive(self)).toBe(true)
    expect(identify(2 ** 22 + 1)).toBeNull()
  })
})
