import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Attempt, ProcessIdentity } from '../../src/core/work-package/work-package.ts'
import { attemptMarker, noteStop, processFiles, writeFacts } from '../../src/local/attempt-files.ts'
import { createLeftovers } from '../../src/local/leftover-agents.ts'
import { ada, attempt, record } from '../core/samples.ts'
import { fakeAgent } from '../run/fakes/scripted-agents.ts'
import { wp } from '../run/fakes.ts'
import { useParents } from './dying-parent.ts'
import { eventually, processesWith } from './leaks.ts'
import { useRig } from './run-fixture.ts'

const rig = useRig()
const startParent = useParents(rig)

const startedAt = '2026-11-21T10:00:00.000Z'
const prefixOf = (number: number) => join(rig().folder, `a${number}`)

/** An agent of the run whose parent was killed; it waits for a line in `gate<number>`. */
async function orphaned(number: number): Promise<Attempt> {
  const prefix = prefixOf(number)
  const facts = { worktree: rig().folder, resultFile: `${prefix}.last.txt`, session: 'ours', maxLogBytes: 1e6 }
  await writeFacts(prefix, { ...facts, timeoutSeconds: 50, inactivitySeconds: 50 })
  const gate = `gate${number}`
  const script = `mkfifo ${gate}; echo ready; read -r word <${gate}; echo "$word" >a${number}.last.txt; exit 5 # ${rig().token}`
  const parent = startParent(
    {
      ...processFiles(prefix),
      marker: attemptMarker(rig().token, 'WP01', number),
      env: { PATH: process.env.PATH, SKO_RUN_ID: rig().token },
    },
    '/bin/sh',
    '-c',
    script,
  )
  const identity = await parent.started()
  await eventually(() => readFileSync(`${prefix}.out.log`, 'utf8') === 'ready\n', 'the agent is ready')
  await parent.kill()
  return attempt(number, { startedAt, process: identity, result: null })
}

function leftoversOf(attempts: readonly Attempt[]) {
  const seen: string[] = []
  const stop = new AbortController()
  const reader = {
    ...fakeAgent(ada),
    read: (output: {
      readonly stdout: string
      readonly resultFile: string | null
      readonly exitCode: number | null
    }) => {
      seen.push(`${output.exitCode} ${output.stdout.trim()} ${output.resultFile?.trim()}`)
      return { ok: true, text: '', structured: null, usage: null, sessionId: null } as const
    },
  }
  const leftovers = createLeftovers({
    runId: rig().token,
    isNew: false,
    registry: new Map([[ada, reader]]),
    store: {
      attemptFiles: (_, { number }) => prefixOf(number),
      records: () => [record({ wpId: wp('WP01'), attempts })],
    },
  })
  const adopt = (number: number, process: ProcessIdentity | null, agent = ada) =>
    leftovers.adopt(
      { wpId: wp('WP01'), role: 'implementation', agent, attempt: number, cycle: 1, process, startedAt },
      { signal: stop.signal, onSpawn: async () => {}, onQuiet: () => {} },
    )
  return { leftovers, adopt, seen, stop }
}

it('takes an agent over with its result, its session and its exit, and ends all others of the run', async () => {
  const attempts = await Promise.all([orphaned(1), orphaned(2)])
  const { leftovers, adopt, seen } = leftoversOf(attempts)
  const adopted = adopt(1, attempts[0]?.process ?? null)
  expect(adopted?.running).toBe(true)
  expect(await leftovers.reap()).toBe(2)
  expect(processesWith(rig().token)).toHaveLength(2)
  writeFileSync(join(rig().folder, 'gate1'), 'done\n')
  expect(await adopted?.outcome).toMatchObject({ end: { kind: 'exited', code: 5 }, report: { sessionId: 'ours' } })
  expect(seen).toEqual(['5 ready done'])
  expect(JSON.parse(readFileSync(`${prefixOf(1)}.exit`, 'utf8'))).toMatchObject({ kind: 'exited', code: 5 })
})

it('takes over none whose facts are missing or broken, and spares none of those', async () => {
  const only = await orphaned(1)
  const { leftovers, adopt } = leftoversOf([only])
  writeFileSync(`${prefixOf(1)}.attempt.json`, '{"worktree": 1}\n')
  expect(adopt(1, only.process)).toBeNull()
  expect(adopt(2, null)).toBeNull()
  rmSync(`${prefixOf(1)}.attempt.json`)
  expect(spawnSync('mkfifo', [`${prefixOf(1)}.attempt.json`]).status).toBe(0)
  expect(adopt(1, only.process)).toBeNull()
  expect(await leftovers.reap()).toBe(2)
  expect(processesWith(rig().token)).toEqual([])
})

it('takes over none that we had begun to stop: how it ends is nothing against its work', async () => {
  const only = await orphaned(1)
  const stop = new AbortController()
  noteStop(prefixOf(1), stop.signal)
  stop.abort()
  const { leftovers, adopt } = leftoversOf([only])
  expect(adopt(1, only.process)).toBeNull()
  expect(await leftovers.reap()).toBe(2)
})

it('takes over one that had ended when we were stopped, however often: how it ended is known', async () => {
  const only = await orphaned(1)
  writeFileSync(join(rig().folder, 'gate1'), 'done\n')
  await eventually(() => processesWith(rig().token).length === 0, 'it has ended')
  for (let times = 0; times < 2; times++) {
    const { adopt, stop } = leftoversOf([only])
    const adopted = adopt(1, only.process)
    stop.abort()
    expect(adopted?.running).toBe(false)
    expect((await adopted?.outcome)?.end).toEqual({ kind: 'exited', code: 5 })
  }
})
