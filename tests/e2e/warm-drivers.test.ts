import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it, vi } from 'vitest'
import type { MakeCall } from '../../src/host/warm/warm-host.ts'
import { type HostCallResult, runHostCall } from '../../src/process/host-call.ts'
import { expectNothingLeft, processesWithMarker } from '../cli/support/leaks.ts'
import { patienceMs } from '../patience.ts'
import { type MergeRig, mergeRig } from './support/merge-rig.ts'
import { type SmallHost, smallHost } from './support/small-host.ts'
import { parentOf } from './support/warm-processes.ts'

const cold: MakeCall = call => runHostCall(call)

const closed = [3, 4, 5, 6, 7, 8, 9].map(descriptor => `${descriptor}</dev/null`).join(' ')

it.each(['go', 'fail', 'die', 'throw'])(
  'a driver that is to %s is warm, and is started as that of a cold call',
  async what => {
    const rig = mergeRig()
    const driver = `spec-kitty driver ${what}`
    const plain = rig.seen(await rig.merge(cold, { driver }))
    const fast = rig.seen(await rig.merge(rig.warm.call, { driver }))
    expect(fast.merge).toEqual(plain.merge)
    expect([plain.isWarm, fast.isWarm, fast.isInGroup, rig.reasons]).toEqual([false, true, true, []])
  },
)

it.each<[string, string, (rig: MergeRig, other: SmallHost) => readonly string[]]>([
  ['whose call changes the environment', 'spec-kitty', () => ['git-with', 'COLOR=red']],
  ['after the installation has changed', 'spec-kitty', rig => ['git-after-change', rig.host.record]],
  ['that is another program of that name', 'spec-kitty', (_, other) => ['git-by', dirname(other.command)]],
  ['without our variables', 'env -u SKO_WARM_PYTHON spec-kitty', () => ['git']],
  ['without the place of our socket', 'env -u SKO_WARM_SOCKET spec-kitty', () => ['git']],
  ['with other things in the place of our socket', `spec-kitty ${closed}`, () => ['git']],
])('a driver %s is cold', async (_, program, before) => {
  const [rig, other] = [mergeRig(), smallHost()]
  const how = { driver: `${program} driver go`, before: before(rig, other) }
  const plain = rig.seen(await rig.merge(cold, how))
  const fast = rig.seen(await rig.merge(rig.warm.call, how))
  expect(fast.merge).toEqual(plain.merge)
  expect([plain.isWarm, fast.isWarm, rig.reasons]).toEqual([false, false, []])
})

it('imports nothing from the folder of the merge, or that PYTHONPATH does not name', async () => {
  const rig = mergeRig({ PYTHONPATH: '/nowhere' })
  for (const name of ['sitecustomize', 'usercustomize', 'small_kitty', 'typer', 'socket', 'os', 'json', '_socket']) {
    writeFileSync(join(rig.repo, `${name}.py`), `raise SystemExit('the repository is imported')\n`)
  }
  writeFileSync(join(rig.repo, 'evil.pth'), `import sys; sys.exit('the repository is imported')\n`)
  const driver = 'spec-kitty driver go'
  const plain = rig.seen(await rig.merge(cold, { driver }))
  const fast = rig.seen(await rig.merge(rig.warm.call, { driver }))
  expect(fast.merge).toEqual(plain.merge)
  expect([fast.isWarm, rig.reasons]).toEqual([true, []])
})

it('calls are cold, and answer, from when the installation changes', async () => {
  const rig = mergeRig()
  const driver = 'spec-kitty driver go'
  expect(rig.seen(await rig.merge(rig.warm.call, { driver })).isWarm).toBe(true)
  writeFileSync(rig.host.record, readFileSync(rig.host.record))
  const fast = rig.seen(await rig.merge(rig.warm.call, { driver }))
  expect([fast.isWarm, fast.merge.status, rig.reasons]).toEqual([
    false,
    'M  file',
    [{ cause: 'changed', detail: null }],
  ])
})

interface Waiting {
  readonly rig: MergeRig
  readonly result: Promise<HostCallResult>
  readonly driver: number
  /** All processes of the call and the helper, by what they are. */
  readonly processes: Readonly<Record<'helper' | 'call' | 'server' | 'client', number>>
  /** Lets the driver go on. */
  readonly go: () => void
}

/** A merge whose driver has begun, and waits. */
async function waiting(timeoutSeconds = 60): Promise<Waiting> {
  const rig = mergeRig()
  execFileSync('mkfifo', [`${rig.record}.go`])
  const result = rig.merge(rig.warm.call, { driver: 'spec-kitty driver wait', timeoutSeconds })
  await vi.waitFor(() => statSync(rig.record), { timeout: patienceMs, interval: 10 })
  const { pid } = JSON.parse(readFileSync(rig.record, 'utf8'))
  const server = parentOf(pid)
  const call = parentOf(server)
  const client =
    processesWithMarker('SKO_REPO', rig.repo).find(({ command }) => command.includes('client.py'))?.pid ?? 0
  const processes = { helper: parentOf(call), call, server, client }
  return { rig, result, driver: pid, processes, go: () => writeFileSync(`${rig.record}.go`, '') }
}

it('a driver ends with its call at the timeout', async () => {
  const { rig, result } = await waiting(1)
  expect(await result).toEqual({ kind: 'timed-out' })
  rig.warm.close()
  await expectNothingLeft(rig)
})

it('a driver finishes, and its merge, without the helper', async () => {
  const { rig, result, processes, go } = await waiting()
  process.kill(processes.helper, 'SIGKILL')
  go()
  expect(await result).toMatchObject({ kind: 'status-lost', stdout: expect.stringContaining('"code": 0') })
  expect(rig.seen(await result).merge).toMatchObject({ file: 'work\nother\n', status: 'M  file' })
})

it.each(['client', 'driver', 'server'] as const)(
  'the death of the %s fails the merge, and nothing is left',
  async which => {
    const { rig, result, processes, driver, go } = await waiting()
    process.kill(which === 'driver' ? driver : processes[which], 'SIGKILL')
    // Without the server the driver finishes, but its exit status is lost.
    if (which === 'server') go()
    expect(rig.seen(await result).merge).toMatchObject({ said: { code: 1 }, status: 'UU file' })
    rig.warm.close()
    await expectNothingLeft(rig)
  },
)
