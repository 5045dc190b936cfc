import { expect, it } from 'vitest'
import { firstState } from '../../src/cli/running/preflight.ts'
import { hostClient } from '../../src/run/host/host-client.ts'
import { type HostOutcome, hostFailure } from '../../src/run/host/host-outcome.ts'
import { slug, stateData } from './scripted-host.ts'

type Answers = Readonly<Record<string, HostOutcome<unknown>>>

function hostOf(answers: Answers) {
  const calls: string[] = []
  const host = hostClient({
    call: async command => {
      calls.push(command.name)
      const answer = answers[command.name] ?? hostFailure('host-missing', 'not asked')
      return answer.ok ? { ...answer, data: command.data.parse(answer.data) } : answer
    },
    markSubtasks: async () => hostFailure('host-missing', 'not asked'),
  })
  return { host, calls }
}

const state = (contract: string): HostOutcome<unknown> => ({ ok: true, data: stateData, contract })
const version = { ok: true, data: { api_version: '1.5.0' }, contract: '1.5.0' } as const
const traceback = hostFailure('host-defect', 'mission-state failed inside the host: ValueError')
const notFound = { ...hostFailure('MISSION_NOT_FOUND', 'no'), contract: '1.5.0' }

it.each<readonly [string, Answers, readonly string[]]>([
  ['a state of this contract', { 'mission-state': state('1.5.0') }, ['mission-state']],
  ['a refusal of this contract', { 'mission-state': notFound }, ['mission-state']],
  [
    'no answer about the mission from a host that is fine',
    { 'mission-state': traceback, 'contract-version': version },
    ['mission-state', 'contract-version'],
  ],
])('the first call is all that is asked, and the answer is used: %s', async (_, answers, expected) => {
  const { host, calls } = hostOf(answers)
  expect(await firstState(host, slug)).toEqual(answers['mission-state'])
  expect(calls).toEqual(expected)
})

const needed = 'a spec-kitty with contract >= 1.4.0, < 2.0.0 is needed'

it.each<readonly [string, Answers, object, readonly string[]]>([
  [
    'a state of an older contract',
    { 'mission-state': state('1.3.9') },
    { code: 'contract-unsupported', message: expect.stringContaining('too old') },
    ['mission-state'],
  ],
  [
    'a refusal of a newer contract',
    { 'mission-state': { ...notFound, contract: '2.0.0' } },
    { code: 'contract-unsupported', message: expect.stringContaining('newer') },
    ['mission-state'],
  ],
  [
    'data that only a newer contract has',
    { 'mission-state': { ...hostFailure('host-garbage', 'odd'), contract: '2.0.0' } },
    { code: 'contract-unsupported' },
    ['mission-state'],
  ],
  [
    'a host that is broken',
    { 'mission-state': traceback, 'contract-version': hostFailure('host-defect', 'ImportError: typer') },
    { code: 'host-defect', message: 'ImportError: typer', hint: expect.stringContaining('defect of the host') },
    ['mission-state', 'contract-version'],
  ],
  [
    'a host without the verb',
    {
      'mission-state': hostFailure('host-garbage', 'usage'),
      'contract-version': hostFailure('USAGE_ERROR', 'No such command'),
    },
    { code: 'USAGE_ERROR', message: 'No such command', hint: needed },
    ['mission-state', 'contract-version'],
  ],
  [
    'a host that hangs',
    { 'mission-state': hostFailure('host-timed-out', 'within 1 s') },
    { code: 'host-timed-out', hint: expect.stringContaining('host.timeout_seconds') },
    ['mission-state'],
  ],
  [
    'no host',
    {},
    { code: 'host-missing', hint: expect.stringContaining('install spec-kitty-cli') },
    ['mission-state', 'contract-version'],
  ],
])('is refused: %s', async (_, answers, error, expected) => {
  const { host, calls } = hostOf(answers)
  await expect(firstState(host, slug)).rejects.toMatchObject({ exitCode: 3, ...error })
  expect(calls).toEqual(expected)
})
