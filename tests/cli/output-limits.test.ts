import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, logsOf } from './support/scenario.ts'

const one = { shape: { WP01: [] }, topology: 'lanes' } as const

describe('agents.max_log_mb holds for every program of the user', () => {
  it('ends a check that prints without end, which then counts as failed and says why', async () => {
    const mission = await createScenario(one)
    await mission.writeConfig(`agents: {max_log_mb: 1, max_retries: 0}\nchecks: ['exec yes']\n`)

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect([result.exitCode, result.stderr]).toEqual([1, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'blocked' })
    const ended = result.events().find(event => event.type === 'check-ended')
    expect(ended).toMatchObject({ exitCode: null, stopped: 'it printed more than agents.max_log_mb (1 MB)' })
    expect(result.stdout).toContain('check was stopped, it printed more than agents.max_log_mb (1 MB)')
    const logs = logsOf(mission, result.events()[0]?.runId ?? '', 'WP01')
    const [log = ''] = readdirSync(logs).filter(name => name.includes('.check-1.log'))
    // What it printed between two looks, and until it heard TERM, does not stay on the disk.
    expect(statSync(join(logs, log)).size).toBe(2 ** 20)
  })

  itInFull('ends a notify.command that prints without end, and says so once', async () => {
    const mission = await createScenario(one)
    await mission.writeConfig(`agents: {max_log_mb: 1}\nnotify: {command: exec yes}\n`)

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(result.events().filter(({ type }) => type === 'notify-failed')).toMatchObject([
      { event: 'run-finished', reason: 'was stopped: it printed more than agents.max_log_mb (1 MB)' },
    ])
  })
})
