import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { createNotifier } from '../../src/report/notifier.ts'
import type { EventBody } from '../../src/run/events/event.ts'
import { itInFull } from '../in-full.ts'
import { oneOfEach, stamped } from '../report/events.ts'
import { processesWithMarker } from './support/leaks.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, linesOf } from './support/scenario.ts'

const anEvent = z.looseObject({ type: z.string() })

describe('notify.command', () => {
  it('gets the event as JSON on stdin and its type in SKO_EVENT, in the main checkout', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const got = mission.path('got.ndjson')
    await mission.setAgents([{ role: 'implementation', do: 'no-change', times: 0 }])
    await mission.writeConfig(
      `agents: {implementation: [codex], review: [claude-code], max_retries: 0}\nnotify: {command: 'cat >> ${got}; echo "$SKO_EVENT $PWD" >> ${got}.types'}\n`,
    )

    const sko = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(sko.exitCode).toBe(1)
    const told = sko.events().filter(({ type }) => type === 'needs-person' || type === 'run-finished')
    const received = linesOf(got).map(line => anEvent.parse(JSON.parse(line)))
    expect(received.toSorted((a, b) => a.type.localeCompare(b.type))).toEqual(told)
    expect(linesOf(`${got}.types`).toSorted()).toEqual([`needs-person ${mission.repo}`, `run-finished ${mission.repo}`])
    expect(sko.events().filter(({ type }) => type === 'notify-failed')).toEqual([])
  })

  itInFull(
    'that fails or hangs changes nothing about the run, is reported once, and leaves nothing running',
    async () => {
      const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
      const hangs = `case $SKO_EVENT in run-finished) sleep 1000 & setsid sleep 1000;; *) exit 3;; esac`
      await mission.setAgents([{ role: 'implementation', do: 'no-change', times: 0 }])
      await mission.writeConfig(
        `agents: {implementation: [codex], review: [claude-code], max_retries: 0}\nnotify: {command: '${hangs}'}\n`,
      )

      const sko = await runSko(mission, ['orchestrate', '--mission', mission.slug])

      expect(sko.exitCode).toBe(1)
      expect(await lanesOf(mission)).toEqual({ WP01: 'blocked', WP02: 'blocked' })
      expect(sko.events().filter(({ type }) => type === 'notify-failed')).toMatchObject([
        { event: 'needs-person', reason: 'failed with exit 3' },
      ])
      expect(processesWithMarker('SKO_NOTIFY', mission.repo)).toEqual([])
    },
  )
})

describe('a notifier', () => {
  async function notifier(command: string, more: { timeoutSeconds?: number; closingSeconds?: number } = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'sko-notify-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const warnings: EventBody[] = []
    const env = { PATH: process.env.PATH, OUT: join(folder, 'out') }
    const stopping = new AbortController()
    const { signal } = stopping
    const options = { command, cwd: folder, env, folder: join(folder, 'notify'), stopping: signal, ...more }
    const reporter = createNotifier({ maxLogMb: 1, ...options, report: event => warnings.push(event) })
    const tell = async (...events: readonly EventBody[]) => {
      for (const event of events) reporter.onEvent(stamped(event))
      await reporter.close()
      expect(processesWithMarker('SKO_NOTIFY', folder)).toEqual([])
    }
    return { folder, warnings, tell, stop: () => stopping.abort() }
  }

  const typesIn = (folder: string) => linesOf(join(folder, 'out'))

  it('tells what a person may want to be woken for, and nothing else', async () => {
    const { folder, tell, warnings } = await notifier('echo "$SKO_EVENT" >> "$OUT"')
    await tell(...Object.values(oneOfEach))
    expect(typesIn(folder).toSorted()).toEqual(['budget', 'cooldown', 'needs-person', 'run-ended', 'run-finished'])
    expect(warnings).toEqual([])
    for (const name of readdirSync(join(folder, 'notify')).filter(file => file.endsWith('.json'))) {
      expect(() => JSON.parse(readFileSync(join(folder, 'notify', name), 'utf8'))).not.toThrow()
    }
  })

  it('tells a cooldown once per end, a budget only when it is reached', async () => {
    const { cooldown, budget } = oneOfEach
    const { folder, tell } = await notifier('echo "$SKO_EVENT" >> "$OUT"')
    const until = '2026-11-21T13:00:00.000Z'
    await tell(cooldown, cooldown, { ...cooldown, until }, { ...budget, level: 'warned' }, budget, budget)
    expect(typesIn(folder).toSorted()).toEqual(['budget', 'cooldown', 'cooldown'])
  })

  it('tells each of several events of one moment, with a command of its own', async () => {
    const { folder, tell, warnings } = await notifier('cat >> "$OUT"; echo "$SKO_NOTIFY" >> "$OUT.names"')
    const { 'needs-person': person } = oneOfEach
    const reasons = Array.from({ length: 5 }, (_, index) => `reason ${index}`)
    await tell(...reasons.map(reason => ({ ...person, reason })))
    const told = typesIn(folder).map(line => z.looseObject({ reason: z.string() }).parse(JSON.parse(line)).reason)
    expect(told.toSorted()).toEqual(reasons)
    expect(new Set(linesOf(join(folder, 'out.names'))).size).toBe(5)
    expect(warnings).toEqual([])
  })

  it.each([
    ['is missing', 'no-such-program-anywhere', /^failed with exit 127$/],
    ['ends by a signal', 'kill -KILL $$', /^was ended by SIGKILL$/],
  ])('that %s is reported once', async (_, command, reason) => {
    const { tell, warnings } = await notifier(command)
    await tell(oneOfEach.cooldown, oneOfEach.budget)
    expect(warnings).toMatchObject([{ type: 'notify-failed', reason: expect.stringMatching(reason) }])
  })

  it('that hangs is stopped after its time, its background processes with it', async () => {
    const { tell, warnings, folder } = await notifier('setsid sleep 1000 & sleep 1000', { timeoutSeconds: 0.2 })
    await tell(oneOfEach.cooldown)
    expect(warnings).toMatchObject([{ reason: expect.stringContaining('was stopped after 0.2 s') }])
    expect(existsSync(join(folder, 'notify'))).toBe(true)
  })

  it('is waited for at the end only so long, those in the queue included', async () => {
    const { tell, warnings } = await notifier('sleep 1000', { closingSeconds: 0.2 })
    const { 'needs-person': person } = oneOfEach
    await tell(...Array.from({ length: 8 }, (_, index) => ({ ...person, reason: `reason ${index}` })))
    expect(warnings).toMatchObject([{ reason: expect.stringContaining('was stopped: the run has ended') }])
  })

  it('delays nothing after the run was stopped', async () => {
    const { tell, stop, warnings } = await notifier('sleep 1000', { closingSeconds: 1000 })
    stop()
    await tell(oneOfEach['needs-person'])
    expect(warnings).toMatchObject([{ reason: expect.stringContaining('was stopped: the run has ended') }])
  })
})
