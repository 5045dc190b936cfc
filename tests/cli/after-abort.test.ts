import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { onDisk } from './support/failing-disk.ts'
import { runSko, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario } from './support/scenario.ts'

/** All commands that a person may try next, and what each answers after an abort. */
function commands({ slug }: Scenario): readonly (readonly [readonly string[], number])[] {
  return [
    [['status'], 0],
    [['status', '--json'], 0],
    [['plan', '--mission', slug], 0],
    [['orchestrate', '--mission', slug, '--dry-run'], 0],
    [['logs'], 0],
    [['logs', 'WP02'], 2],
    [['retry', 'WP01'], 2],
    [['skip', 'WP01'], 2],
    [['pause'], 2],
    [['continue'], 2],
    [['resume'], 2],
    [['abort'], 0],
    [['kept'], 0],
    [['orchestrate', '--mission', 'wrong'], 2],
  ]
}

async function expectNoResume(mission: Scenario): Promise<void> {
  const word = `sko orchestrate --mission ${mission.slug}`
  for (const [args, exitCode] of commands(mission)) {
    const result = await runSko(mission, args)
    const name = `sko ${args.join(' ')}`
    expect([name, result.exitCode]).toEqual([name, exitCode])
    expect(`${result.stdout}${result.stderr}`, name).not.toContain('sko resume')
    if (['status', 'retry', 'skip', 'pause', 'continue', 'resume'].includes(args[0] ?? '') && args.length < 3) {
      if (args[1] !== '--json') expect(`${result.stdout}${result.stderr}`, name).toContain(word)
    }
  }
}

/** Said after the abort began, by the process that it stopped. */
function lastEvents(mission: Scenario): readonly Record<string, unknown>[] {
  const logs = join(mission.repo, '.kittify', 'logs')
  const [run = ''] = readdirSync(logs)
  const lines = readFileSync(join(logs, run, 'events.ndjson'), 'utf8')
    .trim()
    .split('\n')
  const events = lines.map((line): Record<string, unknown> => JSON.parse(line))
  return events.slice(events.findIndex(({ type }) => type === 'stopping'))
}

describe('after sko abort nothing says sko resume', () => {
  it('where the run was running: neither the process that it stopped, nor any command; the next run ends the mission', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' }, [
      { role: 'implementation', do: 'change-and-hang' },
    ])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await mission.waitForStart({ role: 'implementation' })
    await sko.waitForEvent(event => event.type === 'attempt-started')
    const aborted = await runSko(mission, ['abort'])
    const stopped = await sko.exited
    expect([aborted.exitCode, stopped.exitCode]).toEqual([0, 143])
    expect(`${aborted.stdout}${stopped.stdout}${stopped.stderr}`).not.toContain('sko resume')
    expect(JSON.stringify(lastEvents(mission))).not.toContain('sko resume')
    const next = [`sko orchestrate --mission ${mission.slug}`]
    expect(lastEvents(mission).slice(-3)).toMatchObject([
      { type: 'run-finished', next: [{ command: next[0] }] },
      { type: 'owner-stopped' },
      { type: 'aborted', next: [{ command: next[0] }] },
    ])
    expect(aborted.stdout).toContain(next[0])
    await expectNoResume(mission)

    await mission.setAgents([])
    const again = await runSko(mission, (next[0] ?? '').split(' ').slice(1))
    expect([again.exitCode, await lanesOf(mission)]).toEqual([0, { WP01: 'approved', WP02: 'approved' }])
  })

  itInFull('where it had died, with a work package that is blocked', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' }, [
      { role: 'implementation', wp: 'WP01', do: 'fail', times: 0 },
      { role: 'implementation', wp: 'WP02', do: 'change-and-hang' },
    ])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await mission.waitForStart({ wp: 'WP02' })
    await sko.waitForEvent(event => event.type === 'needs-person')
    sko.kill('SIGKILL')
    await sko.exited
    const aborted = await runSko(mission, ['abort'])
    expect([aborted.exitCode, aborted.stdout]).toEqual([0, expect.stringContaining('sko orchestrate --mission')])
    expect((await runSko(mission, ['status'])).stdout).not.toContain('sko retry')
    for (const args of [
      ['status'],
      ['retry', 'WP01'],
      ['skip', 'WP01'],
      ['plan', '--mission', mission.slug],
      ['logs'],
    ]) {
      const { stdout, stderr } = await runSko(mission, args)
      expect(`${stdout}${stderr}`, args.join(' ')).not.toContain('sko resume')
    }
  })

  itInFull('where its state cannot be saved: it says to abort again, and that does', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' }, [
      { role: 'implementation', do: 'change-and-hang' },
    ])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await mission.waitForStart({ role: 'implementation' })
    await sko.waitForEvent(event => event.type === 'attempt-started')
    sko.kill('SIGKILL')
    await sko.exited
    const said: string[] = []
    for (let n = 1; n <= 8; n += 1) {
      const failed = await runSko(mission, ['abort'], { env: onDisk({ n, code: 'ENOSPC' }) })
      if (failed.exitCode === 0) break
      expect(failed.stderr, `write ${n}`).not.toContain('sko resume')
      said.push(failed.stderr)
    }
    expect(said.join('')).toContain('next: sko abort   (')
    expect((await runSko(mission, ['abort'])).exitCode).toBe(0)
    await expectNoResume(mission)
  })

  itInFull('also where the host is odd: a hint that comes from elsewhere names the new run too', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'coord' }, [
      { role: 'implementation', do: 'change-and-hang' },
    ])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await mission.waitForStart({ role: 'implementation' })
    await runSko(mission, ['abort'])
    await sko.exited
    await mission.setFaults([{ command: 'mission-state', times: 20, fault: 'traceback' }])
    for (const args of [['status'], ['plan', '--mission', mission.slug], ['orchestrate', '--mission', mission.slug]]) {
      const result = await runSko(mission, args)
      expect(`${result.stdout}${result.stderr}`, args.join(' ')).not.toContain('sko resume')
    }
  })
})
