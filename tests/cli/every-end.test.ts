import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { cover, itInFull } from '../in-full.ts'
import { type RunningSko, runSko, type SkoResult, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, linesOf, type Scenario } from './support/scenario.ts'

const chain = { shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' } as const

/** Throws in the middle of nothing, as a bug would. */
const thrower = `data:text/javascript,${encodeURIComponent(`delete process.env.NODE_OPTIONS
process.on('SIGUSR2', () => { if (process.env.HOW === 'reject') void Promise.reject(new Error('planned')); else throw new Error('planned') })`)}`

interface End {
  readonly name: string
  /** While the agent of WP01 is running; `go` lets it finish. */
  readonly befalls: (mission: Scenario, sko: RunningSko, go: () => void) => void | Promise<void>
  readonly exitCode: number
  readonly reason: RegExp
  readonly type?: 'run-ended' | 'run-finished'
  readonly env?: Readonly<Record<string, string>>
  readonly config?: string
  /** What a person does before the printed command. */
  readonly cure?: (mission: Scenario) => void | Promise<void>
  /** Nothing may be printed on stderr but this. */
  readonly stderr?: RegExp
}

const signal = (name: NodeJS.Signals, exitCode: number): End => ({
  name,
  befalls: (_, sko) => sko.kill(name),
  exitCode,
  reason: new RegExp(`^stopped by ${name}$`),
  type: 'run-finished',
})

/** A process of the agent's that does not hear TERM: the run then takes its grace to stop. */
async function ignoreTermBeside(pid: number): Promise<void> {
  const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
  const env = Object.fromEntries(variables.map(text => [text.split('=', 1)[0], text.slice(text.indexOf('=') + 1)]))
  const script = 'trap "" TERM; echo ready; while :; do sleep 0.2; done'
  const child = spawn('sh', ['-c', script], { env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
}

const hostFault = (name: string, fault: Parameters<Scenario['setFaults']>[0][number], reason: RegExp): End => ({
  name,
  befalls: async (mission, _, go) => {
    await mission.setFaults([{ ...fault, command: 'mission-state', times: 99 }])
    go()
  },
  exitCode: 3,
  reason,
  cure: mission => mission.setFaults([]),
  stderr: /^sko: /,
})

const bug = (HOW: 'throw' | 'reject'): End => ({
  name: `a bug: ${HOW}`,
  befalls: (_, sko) => sko.kill('SIGUSR2'),
  env: { NODE_OPTIONS: `--import=${thrower}`, HOW },
  exitCode: 1,
  reason: /^a bug in sko: planned$/,
  stderr: /^sko: this is a bug[\s\S]*Error: planned/,
})

const ends: readonly End[] = [
  signal('SIGINT', 130),
  hostFault('the host falls over', { fault: 'traceback' }, /RuntimeError: planned by the test/),
  bug('throw'),
  signal('SIGTERM', 143),
  signal('SIGHUP', 129),
  {
    name: 'SIGTERM twice',
    befalls: async (mission, sko) => {
      const [agent] = mission.starts()
      await ignoreTermBeside(agent?.pid ?? 0)
      sko.kill('SIGTERM')
      await sko.waitForEvent(event => event.type === 'stopping')
      // Within 0.3 s a second one counts as the same wish.
      await sleep(400)
      sko.kill('SIGTERM')
    },
    exitCode: 143,
    reason: /^stopped at once by a second signal, SIGTERM$/,
  },
  {
    name: 'SIGHUP, with agents that go on',
    config: 'on_hangup: leave\n',
    befalls: (_, sko, go) => {
      sko.kill('SIGHUP')
      go()
    },
    exitCode: 129,
    reason: /^SIGHUP; 1 agent\(s\) keep running without sko/,
  },
  hostFault('the host wants the project upgraded', { fault: 'exit', code: 4 }, /spec-kitty upgrade/),
  {
    name: 'the host is gone',
    befalls: (mission, _, go) => {
      rmSync(mission.path('my-host'))
      go()
    },
    exitCode: 3,
    reason: /my-host/,
    cure: async mission => void (await mission.script('my-host', `exec ${mission.hostCommand} "$@"`)),
    stderr: /^sko: /,
  },
  bug('reject'),
]

const next = z.array(z.object({ command: z.string(), why: z.string().min(1) }))
const status = z.looseObject({ end: z.object({ reason: z.string(), exitCode: z.int(), next }) })
const endEvent = z.looseObject({ type: z.string(), reason: z.string(), exitCode: z.int(), next })

function endsIn(result: SkoResult) {
  return result.events().flatMap(event => (/^run-(?:ended|finished)$/.test(event.type) ? [endEvent.parse(event)] : []))
}

/** The printed command, word by word, as a person would type it. */
function typed(mission: Scenario, command: string): Promise<SkoResult> {
  const [program, ...args] = command.split(/ {3}/)[0]?.split(' ') ?? []
  expect(program).toBe('sko')
  return runSko(mission, args)
}

describe('every end is reported: once as an event, to notify.command, on the terminal, by sko status, with a next command that works', () => {
  it.each(cover(3, ends))(
    '$name',
    async ({ befalls, exitCode, reason, type = 'run-ended', env = {}, config = '', cure, stderr }) => {
      const mission = await createScenario(chain)
      await mission.script('my-host', `exec ${mission.hostCommand} "$@"`)
      const told = mission.path('told')
      await mission.writeConfig(
        `host: {command: '${mission.path('my-host')}', patience_seconds: 1}\nnotify: {command: 'cat >> ${told}'}\n${config}`,
      )
      const go = mission.path('go')
      await mission.setAgents([{ wp: 'WP01', role: 'implementation', do: 'hang', file: go }])
      const sko = startSko(mission, ['orchestrate', '--mission', mission.slug], { env })
      await mission.waitForStart({ role: 'implementation' })
      await sko.waitForEvent(event => event.type === 'attempt-started')
      await befalls(mission, sko, () => writeFileSync(go, ''))

      const result = await sko.exited

      expect([result.exitCode, result.signal]).toEqual([exitCode, null])
      expect(result.stderr).toMatch(stderr ?? /^$/)
      const [end, ...more] = endsIn(result)
      expect(more).toEqual([])
      expect(end).toMatchObject({ type, exitCode, reason: expect.stringMatching(reason) })
      expect(result.stdout).toContain(end?.reason)
      const next = end?.next[0]?.command ?? ''
      expect(result.stdout).toContain(next)
      await cure?.(mission)
      const shown = await runSko(mission, ['status'])
      expect(shown.stdout).toContain(`ended (exit ${exitCode}): ${end?.reason}; next: ${next}`)
      expect(status.parse(JSON.parse((await runSko(mission, ['status', '--json'])).stdout)).end).toMatchObject({
        reason: end?.reason,
        exitCode,
      })
      // One that ends at once, by a person who is there or without its agents, tells no program.
      if (!/second signal|keep running without/.test(end?.reason ?? '')) {
        expect(linesOf(told).map(line => JSON.parse(line).type)).toEqual([type])
      }

      writeFileSync(go, '')
      const cured = await typed(mission, next)
      expect([cured.exitCode, cured.stderr]).toEqual([0, ''])
      expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
      expect((await runSko(mission, ['status'])).stdout).toContain(': finished\n')
    },
  )

  it('a person is needed', async () => {
    const mission = await createScenario(chain, [{ wp: 'WP01', role: 'implementation', do: 'no-change', times: 0 }])
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect(endsIn(result)).toMatchObject([
      {
        type: 'run-finished',
        exitCode: 1,
        reason: 'needs attention: WP01, WP02',
        next: [{ command: 'sko retry WP01' }, { command: 'sko resume' }],
      },
    ])
    expect((await runSko(mission, ['status'])).stdout).toContain(
      'ended (exit 1): needs attention: WP01, WP02; next: sko retry WP01 (puts it back to work with its counters reset), sko resume (continues the run)',
    )
  })

  itInFull('a budget is used up', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug, '--budget-tokens', '300'])
    const [end] = endsIn(result)
    expect(end).toMatchObject({ exitCode: 6, reason: 'held by a budget or a limit: WP01' })
    expect((await typed(mission, end?.next[0]?.command ?? '')).exitCode).toBe(0)
  })

  it('.kittify is gone: the terminal says it, with the command that starts over', async () => {
    const mission = await createScenario(chain)
    const go = mission.path('go')
    await mission.setAgents([{ wp: 'WP01', role: 'implementation', do: 'hang', file: go }])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await mission.waitForStart({ role: 'implementation' })
    await sko.waitForEvent(event => event.type === 'attempt-started')
    rmSync(join(mission.repo, '.kittify'), { recursive: true })
    writeFileSync(go, '')

    const result = await sko.exited

    expect(result.exitCode).toBe(1)
    expect(result.stdout).toMatch(/the run has ended \(exit 1\): .*\.kittify.*/)
    expect(existsSync(join(mission.repo, '.kittify', 'orchestrator-run-state.json'))).toBe(false)
  })
})
