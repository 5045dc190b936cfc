import { describe, expect, it } from 'vitest'
import { readHostAnswer } from '../../src/host/answer/answer.ts'
import { markSubtasksArgs, readMarkedSubtasks } from '../../src/host/mark-subtasks.ts'
import { hostCommands } from '../../src/run/host/commands.ts'
import { type HostOutcome, hostRefusalCodes } from '../../src/run/host/host-outcome.ts'
import { comparable, rebuilt } from './input-of-recording.ts'
import { type Recording, recordings } from './recording.ts'

const commands = Object.values(hostCommands)
const all = recordings()
const ofApi = all.filter(recording => recording.command !== 'mark-status')

/** Recorded under `unknown/`: what the option parser answers instead of any command. */
function replay(recording: Recording): HostOutcome<unknown> {
  const { command, exitCode, stdout, stderr } = recording
  if (command === 'mark-status') return readMarkedSubtasks(exitCode, stdout, stderr, subtasksOf(recording))
  const entry = commands.find(entry => entry.name === command) ?? hostCommands.missionState
  return readHostAnswer<unknown>(entry, exitCode, stdout, stderr)
}

describe('every recorded answer of the host', () => {
  it('is here', () => {
    expect(ofApi.length).toBeGreaterThanOrEqual(167)
    expect(new Set(ofApi.map(recording => recording.command))).toEqual(
      new Set([...commands.map(command => command.name), 'unknown']),
    )
  })

  it.each(
    ofApi.filter(recording => recording.envelope?.success === true).map(recording => [recording.name, recording]),
  )('%s is a success', (_name, recording) => {
    const outcome = replay(recording)
    if (!outcome.ok) throw new Error(outcome.message)
    // Nothing invented: what was parsed is part of what was recorded.
    expect(recording.envelope).toMatchObject({ data: outcome.data })
  })

  it.each(
    ofApi.filter(recording => recording.envelope?.success === false).map(recording => [recording.name, recording]),
  )('%s is its own code', (_name, recording) => {
    const outcome = replay(recording)
    expect(outcome).toMatchObject({ ok: false, code: recording.envelope?.error_code })
    expectPresentable(outcome)
  })

  it.each(ofApi.filter(recording => recording.envelope === null).map(recording => [recording.name, recording]))(
    '%s, without an envelope, is a fault',
    (_name, recording) => {
      const expected = { 1: 'host-defect', 4: 'project-outdated', 5: 'host-outdated' }[recording.exitCode]
      expect(expected).toBeDefined()
      const outcome = replay(recording)
      expect(outcome).toMatchObject({ ok: false, code: expected })
      expectPresentable(outcome)
    },
  )
})

describe('of each command', () => {
  it.each(commands.map(command => [command.name]))('%s, a success and a failure are recorded', name => {
    const outcomes = all.filter(recording => recording.command === name).map(replay)
    expect(outcomes.some(outcome => outcome.ok)).toBe(true)
    // There is no recording of a failing list-ready or start-review.
    const refusesNever = name === 'list-ready' || name === 'start-review'
    if (!refusesNever) expect(outcomes.some(outcome => !outcome.ok)).toBe(true)
  })

  it('all codes of the contract but one were met', () => {
    const met = new Set(all.map(replay).flatMap(outcome => (outcome.ok ? [] : [outcome.code])))
    const notMet = hostRefusalCodes.filter(code => !met.has(code))
    expect(notMet).toEqual(['ANCESTRY_NOT_ESTABLISHED'])
  })
})

describe('arguments', () => {
  const buildable = ofApi.flatMap(recording => {
    const args = rebuilt[recording.command]?.(recording.flags) ?? argsOfInput(recording)
    return args === null ? [] : [{ recording, args }]
  })

  it('are the recorded ones', () => {
    for (const { recording, args } of buildable) {
      expect(comparable(args), recording.name).toEqual(comparable(recording.flags))
    }
    expect(buildable.length).toBeGreaterThanOrEqual(134)
  })

  it('are the recorded ones to the letter where nothing optional is in them', () => {
    const simple = buildable.filter(({ recording }) => !recording.flags.some(flag => flag.startsWith('{')))
    const same = simple.filter(({ recording, args }) => JSON.stringify(args) === JSON.stringify(recording.flags))
    expect(same.map(({ recording }) => recording.name)).toEqual(simple.map(({ recording }) => recording.name))
    expect(new Set(same.map(({ recording }) => recording.command)).size).toBeGreaterThanOrEqual(7)
  })

  it('of every command were compared', () => {
    const compared = new Set(buildable.map(({ recording }) => recording.command))
    expect(compared).toEqual(new Set(commands.map(command => command.name)))
  })
})

describe('mark-status', () => {
  const marks = all.filter(recording => recording.command === 'mark-status')

  it.each([
    ['success-two', { ok: true }],
    ['not-found', { ok: false, code: 'UNKNOWN_CODE', hostCode: 'subtask_not_found', message: /T099/ }],
    // The host exits 0 for this one.
    ['one-of-two-not-found', { ok: false, code: 'UNKNOWN_CODE', hostCode: 'subtask_not_found', message: /T099/ }],
    ['mission-not-found', { ok: false, code: 'MISSION_NOT_FOUND' }],
  ])('%s', (name, expected) => {
    const recording = marks.find(recording => recording.name === `mark-status/${name}`)
    if (recording === undefined) throw new Error(`no recording ${name}`)
    const { message, ...rest } = { message: undefined, ...expected }
    const outcome = replay(recording)
    expect(outcome).toMatchObject(rest)
    if (message !== undefined) expect(outcome).toHaveProperty('message', expect.stringMatching(message))
  })

  it('gets the recorded arguments', () => {
    const recording = marks.find(recording => recording.name === 'mark-status/success-two')
    expect(markSubtasksArgs({ mission: 'demo-01M7YRMJ', subtasks: ['T001', 'T002'] }).slice(2)).toEqual(
      recording?.flags,
    )
  })
})

/** A command that `rebuilt` does not know is compared by the input that its recording names. */
function argsOfInput({ command, input }: Recording): readonly string[] | null {
  if (input === undefined) return null
  return commands.find(({ name }) => name === command)?.args(input, 'a1') ?? null
}

function subtasksOf(recording: Recording): readonly string[] {
  return recording.flags.filter(flag => /^T\d+$/.test(flag))
}

function expectPresentable(outcome: HostOutcome<unknown>): void {
  if (outcome.ok) throw new Error('expected a failure')
  expect(outcome.message).not.toMatch(/[\p{Cc}│╭╰]|Traceback/u)
  expect(outcome.message).not.toBe('')
  expect(Buffer.byteLength(outcome.message)).toBeLessThanOrEqual(600)
}
