import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import { type RunningSko, runSko, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario } from './support/scenario.ts'

const one = { shape: { WP01: [] }, topology: 'lanes' } as const

function journalOf(mission: Scenario): string {
  const logs = join(mission.repo, '.kittify', 'logs')
  return join(logs, readdirSync(logs)[0] ?? '', 'events.ndjson')
}

/** A run with a running agent that has written something. */
async function running(): Promise<{ readonly mission: Scenario; readonly sko: RunningSko }> {
  const mission = await createScenario(one, [{ role: 'implementation', do: 'change-and-hang' }])
  const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
  await mission.waitForStart({ role: 'implementation' })
  await sko.waitForEvent(event => event.type === 'attempt-started')
  return { mission, sko }
}

async function killed(): Promise<Scenario> {
  const { mission, sko } = await running()
  sko.kill('SIGKILL')
  await sko.exited
  return mission
}

/** A run that has ended because needs attention: WP01. */
async function blocked(): Promise<Scenario> {
  const mission = await createScenario(one, [{ role: 'implementation', do: 'no-change', times: 0 }])
  await mission.writeConfig('agents: {implementation: [codex], review: [claude-code], max_retries: 0}\n')
  expect((await runSko(mission, ['orchestrate', '--mission', mission.slug])).exitCode).toBe(1)
  return mission
}

describe('the journal of the run holds what a command did', () => {
  it('sko abort, beside a live run', async () => {
    const { mission, sko } = await running()

    const abort = await runSko(mission, ['abort'])

    expect([abort.exitCode, abort.stderr]).toEqual([0, ''])
    await sko.exited
    const events = abort.events()
    expect(events.slice(events.findIndex(({ type }) => type === 'run-finished') + 1)).toMatchObject([
      { type: 'owner-stopped', pid: sko.pid, killed: false },
      { type: 'aborted', mission: mission.slug, next: [{ command: `sko orchestrate --mission ${mission.slug}` }] },
    ])
    expect(lstatSync(journalOf(mission)).mode & 0o777).toBe(0o600)
  })

  it('sko abort, after a kill -9', async () => {
    const mission = await killed()

    const abort = await runSko(mission, ['abort'])

    expect([abort.exitCode, abort.stderr]).toEqual([0, ''])
    expect(abort.events()).toMatchObject([
      { type: 'orphans-reaped', processes: 2 },
      { type: 'work-committed', wpId: 'WP01', message: 'WP01: keep what attempt 1 left (aborted)' },
      { type: 'aborted' },
    ])
    expect(new Set(abort.events().map(({ runId }) => runId)).size).toBe(1)
  })

  itInFull('sko abort, where the host does not say where the work is', async () => {
    const mission = await killed()
    await mission.setFaults([{ command: 'resolve-workspace', times: 9, fault: 'traceback' }])

    const abort = await runSko(mission, ['abort'])

    expect(abort.exitCode).toBe(0)
    expect(abort.events().slice(1)).toMatchObject([
      { type: 'work-not-committed', wpId: 'WP01', worktree: null, reason: expect.stringContaining('host-defect') },
      { type: 'aborted' },
    ])
  })

  it('sko retry', async () => {
    const mission = await blocked()

    const retry = await runSko(mission, ['retry', 'WP01', '--reason', 'looked at it'])

    expect([retry.exitCode, retry.stderr]).toEqual([0, ''])
    expect(retry.stdout).toBe('WP01 blocked -> in_progress\ncontinue with: sko resume\n')
    expect(retry.events()).toMatchObject([
      { type: 'lane-changed', wpId: 'WP01', from: 'blocked', to: 'in_progress' },
      { type: 'retried', wpId: 'WP01', reason: 'looked at it' },
    ])
  })

  itInFull('sko retry, where the host refuses it', async () => {
    const mission = await blocked()
    await mission.setFaults([{ command: 'transition', fault: 'error', code: 'TRANSITION_REJECTED', message: 'no' }])

    const retry = await runSko(mission, ['retry', 'WP01'])

    expect(retry.exitCode).toBe(2)
    expect(retry.events()).toMatchObject([
      {
        type: 'request-refused',
        request: 'retry',
        wpId: 'WP01',
        reason: expect.stringContaining('TRANSITION_REJECTED'),
      },
    ])
  })

  itInFull('sko skip, after a kill -9', async () => {
    const mission = await killed()

    const skip = await runSko(mission, ['skip', 'WP01', '--reason', 'not needed'])

    expect([skip.exitCode, skip.stderr]).toEqual([0, ''])
    expect(skip.events()).toMatchObject([
      { type: 'orphans-reaped', processes: 2 },
      { type: 'work-committed', wpId: 'WP01' },
      { type: 'lane-changed', wpId: 'WP01', from: 'in_progress', to: 'canceled' },
      { type: 'skipped', wpId: 'WP01', reason: 'not needed', branch: `kitty/mission-${mission.slug}-lane-a` },
    ])
  })

  itInFull('sko confirm', async () => {
    const mission = await blocked()
    await mission.updateState(({ wps }) => {
      if (wps.WP01) wps.WP01.lane = 'approved'
    })
    const commit = await mission.git('rev-parse', `kitty/mission-${mission.slug}-lane-a`)

    const confirm = await runSko(mission, ['confirm', 'WP01', '--commit', commit, '--reason', 'seen'])

    expect([confirm.exitCode, confirm.stderr]).toEqual([0, ''])
    expect(confirm.events()).toMatchObject([{ type: 'confirmed', wpId: 'WP01', commit, reason: 'seen' }])
  })

  itInFull('a live run reports a retry and a skip as the commands do', async () => {
    const { mission, sko } = await running()

    const skip = await runSko(mission, ['skip', 'WP01', '--reason', 'not needed'])

    expect(skip.exitCode).toBe(0)
    await sko.exited
    expect(skip.events()).toContainEqual(
      expect.objectContaining({ type: 'skipped', wpId: 'WP01', reason: 'not needed' }),
    )
    expect(sko.output()).toContain('WP01 is skipped on request: not needed')
  })
})

describe('a command whose journal cannot be written does what it did, and says so', () => {
  itInFull('where the folder of the logs is gone, it is made again, for the user alone', async () => {
    const mission = await blocked()
    const journal = journalOf(mission)
    await rm(join(mission.repo, '.kittify', 'logs'), { recursive: true })

    const retry = await runSko(mission, ['retry', 'WP01'])

    expect([retry.exitCode, retry.stderr]).toEqual([0, ''])
    expect(retry.events().map(({ type }) => type)).toEqual(['lane-changed', 'retried'])
    expect([lstatSync(join(journal, '..')).mode & 0o777, lstatSync(journal).mode & 0o777]).toEqual([0o700, 0o600])
  })

  it.each(
    cover<[string, (mission: Scenario, journal: string) => Promise<void>]>(1, [
      [
        'the journal is a link',
        async (mission, journal) => {
          await rename(journal, mission.path('elsewhere'))
          await symlink(mission.path('elsewhere'), journal)
        },
      ],
      [
        'the folder of the run is a link to a place outside',
        async (mission, journal) => {
          await rename(join(journal, '..'), mission.path('elsewhere'))
          await symlink(mission.path('elsewhere'), join(journal, '..'))
        },
      ],
      [
        'a folder lies in its place',
        async (mission, journal) => {
          await rename(journal, mission.path('elsewhere'))
          await mkdir(journal)
        },
      ],
      [
        'a file lies in the place of the logs',
        async (mission, journal) => {
          await rename(join(journal, '..', '..'), mission.path('elsewhere'))
          await writeFile(join(mission.repo, '.kittify', 'logs'), '')
        },
      ],
    ]),
  )('where %s', async (_, spoil) => {
    const mission = await blocked()
    await spoil(mission, journalOf(mission))
    const elsewhere = mission.path('elsewhere')
    const content = () => (lstatSync(elsewhere).isFile() ? readFileSync(elsewhere, 'utf8') : sizesIn(elsewhere))
    const before = content()

    const retry = await runSko(mission, ['retry', 'WP01'])

    expect(retry.exitCode).toBe(0)
    expect(retry.stdout).toBe('WP01 blocked -> in_progress\ncontinue with: sko resume\n')
    expect(retry.stderr).toMatch(/^sko: warning: some events were not reported: .*\n$/)
    expect(await lanesOf(mission)).toEqual({ WP01: 'in_progress' })
    expect(content()).toEqual(before)
  })

  itInFull('sko abort ends the run all the same, and sko status shows it', async () => {
    const mission = await killed()
    const journal = journalOf(mission)
    await rename(journal, mission.path('elsewhere'))
    await symlink(mission.path('elsewhere'), journal)

    const abort = await runSko(mission, ['abort'])

    expect(abort.exitCode).toBe(0)
    expect(abort.stderr.split('\n')).toHaveLength(2)
    expect((await runSko(mission, ['status'])).stdout).toContain('aborted; a new run continues')
  })

  itInFull('with --cleanup-worktrees the journal goes with the other logs and does not come back', async () => {
    const mission = await killed()
    const journal = journalOf(mission)

    expect((await runSko(mission, ['abort', '--cleanup-worktrees'])).exitCode).toBe(0)

    expect(existsSync(join(journal, '..'))).toBe(false)
  })
})

function sizesIn(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files.map(name => `${name} ${lstatSync(join(folder, name)).size}`).toSorted()
}
