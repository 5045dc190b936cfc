import { existsSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { patienceMs } from '../../patience.ts'
import type { FakeMissionInit } from './fake-mission.ts'
import type { Fault } from './fake-state.ts'
import { type LoggedEvent, type RunningSko, runSko } from './run-sko.ts'
import { linesOf, type Scenario, until } from './scenario.ts'

/** A moment of a run that can be held for as long as a signal needs. */
export interface SignalPhase {
  readonly name: string
  /** Before the run begins. */
  arrange(mission: Scenario): Promise<void>
  /** Until the run is there. */
  reach(mission: Scenario, sko: RunningSko): Promise<void>
  /** Lets go what sko leaves to end by itself, which is a change that the host or git is about to make. */
  readonly letGo?: (mission: Scenario) => Promise<void>
  /** Nothing has begun yet, so the first signal ends the run at once and without a word in the log. */
  readonly before?: true
  /** `sko resume` ends the mission. */
  readonly resumes: boolean
}

export const oneWorkPackage: FakeMissionInit = { shape: { WP01: [] }, topology: 'lanes' }

export const commitPhase: SignalPhase = {
  name: 'commit',
  arrange: async mission => {
    const filter = await mission.script('slow', `touch "$0.began"\nwhile [ ! -e "$0.go" ]; do sleep 0.02; done\ncat`)
    await mission.git('config', 'filter.slow.clean', filter)
    await appendFile(join(mission.repo, '.git', 'info', 'attributes'), 'half.txt filter=slow\n')
    await mission.setAgents([{ role: 'implementation', do: 'ok', write: 'src/half.txt' }])
  },
  reach: mission => seen(mission.path('slow.began')),
  letGo: mission => writeFile(mission.path('slow.go'), ''),
  resumes: true,
}

export const signalPhases: readonly SignalPhase[] = [
  { ...hungRead('mission-state'), name: 'the first look at the mission' },
  {
    ...hungRead('contract-version', [{ command: 'mission-state', fault: 'traceback' }]),
    name: 'the check of a host that tells nothing of the mission',
  },
  { ...heldCall('start-implementation'), name: 'claim' },
  {
    name: 'implementation',
    arrange: mission => mission.setAgents([{ role: 'implementation', do: 'change-and-hang' }]),
    reach: async (mission, sko) => {
      await attemptStarted(sko, 'implementation')
      await mission.waitForStart({ role: 'implementation' })
    },
    resumes: true,
  },
  {
    name: 'implementation by a family that ignores TERM',
    arrange: async mission => {
      const child = await mission.script('child', `trap '' TERM INT HUP\nwhile :; do sleep 100; done`)
      const command = await mission.script(
        'stubborn',
        `trap '' TERM INT HUP\n${child} & setsid ${child} &\necho ready\nwhile :; do sleep 100; done`,
      )
      await mission.writeConfig(`agents: {implementation: [stubborn], custom: {stubborn: {command: ['${command}']}}}\n`)
    },
    reach: async (_, sko) => {
      const { log } = await attemptStarted(sko, 'implementation')
      await until('the agent', () => linesOf(`${log}.out.log`).includes('ready'), patienceMs)
    },
    resumes: false,
  },
  commitPhase,
  {
    name: 'check',
    arrange: async mission => {
      const check = await mission.script(
        'check',
        `[ -e "$0.again" ] && exit 0\ntouch "$0.again"\nsleep 1000 & sleep 1000`,
      )
      await mission.writeConfig(`checks: ['${check}']\n`)
    },
    reach: mission => seen(mission.path('check.again')),
    resumes: true,
  },
  { ...heldCall('transition'), name: 'submit' },
  {
    name: 'review',
    arrange: mission => mission.setAgents([{ role: 'review', do: 'hang' }]),
    reach: async (mission, sko) => {
      await attemptStarted(sko, 'review')
      await mission.waitForStart({ role: 'review' })
    },
    resumes: true,
  },
  {
    name: 'approve',
    arrange: mission => mission.setAgents([{ role: 'review', do: 'hang', file: mission.path('judge') }]),
    reach: async (mission, sko) => {
      await attemptStarted(sko, 'review')
      await mission.setFaults([{ command: 'transition', fault: 'wait-file', path: mission.path('gate') }])
      await writeFile(mission.path('judge'), '')
      await underWay(mission, 'transition')
    },
    letGo: openGate,
    resumes: true,
  },
  { ...heldCall('merge-mission', 'finish: {merge: merge}\n'), name: 'merge' },
  { ...heldCall('accept-mission'), name: 'accept' },
  {
    name: 'cooldown',
    arrange: async mission => {
      const resets = String(Math.ceil(Date.now() / 1000) + 3600)
      await mission.setAgents([{ role: 'implementation', do: 'usage-limit', resets }])
      await mission.writeConfig('agents: {implementation: [claude-code], review: [claude-code]}\n')
    },
    reach: async (_, sko) => {
      await sko.waitForEvent(event => event.type === 'wp-waiting', patienceMs)
    },
    resumes: false,
  },
  {
    name: 'paused',
    arrange: mission => mission.setAgents([{ role: 'implementation', do: 'hang', file: mission.path('gate') }]),
    reach: async (mission, sko) => {
      await attemptStarted(sko, 'implementation')
      await runSko(mission, ['pause'])
      await openGate(mission)
      await sko.waitForEvent(event => event.type === 'work-committed', patienceMs)
    },
    resumes: true,
  },
]

/** A read is worth nothing to one who is gone: it is ended with us. */
function hungRead(command: string, before: readonly Fault[] = []): Omit<SignalPhase, 'name'> {
  return {
    arrange: mission => mission.setFaults([...before, { command, fault: 'hang' }]),
    reach: mission => underWay(mission, command),
    before: true,
    resumes: false,
  }
}

function heldCall(command: string, yaml = ''): Omit<SignalPhase, 'name'> {
  return {
    arrange: async mission => {
      await mission.writeConfig(yaml)
      await mission.setFaults([{ command, fault: 'wait-file', path: mission.path('gate') }])
    },
    reach: mission => underWay(mission, command),
    letGo: openGate,
    resumes: true,
  }
}

function attemptStarted(sko: RunningSko, role: string): Promise<LoggedEvent> {
  return sko.waitForEvent(event => event.type === 'attempt-started' && event.role === role, patienceMs)
}

async function underWay(mission: Scenario, command: string): Promise<void> {
  await until(
    `the call ${command}`,
    async () =>
      (await mission.journal()).some(call => call.command === command && call.fault !== null && call.endedAt === null),
    patienceMs,
  )
}

async function seen(path: string): Promise<void> {
  await until(path, () => existsSync(path), patienceMs)
}

function openGate(mission: Scenario): Promise<void> {
  return writeFile(mission.path('gate'), '')
}
