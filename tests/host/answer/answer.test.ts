import { describe, expect, it } from 'vitest'
import { readHostAnswer } from '../../../src/host/answer/answer.ts'
import { readMarkedSubtasks } from '../../../src/host/mark-subtasks.ts'
import { hostCommands } from '../../../src/run/host/commands.ts'
import { hostRefusalCodes } from '../../../src/run/host/host-outcome.ts'
import { envelope, slug, stateData } from '../scripted-host.ts'

const { missionState, transition } = hostCommands
const moved = { mission_slug: slug, wp_id: 'WP01', from_lane: 'planned', to_lane: 'claimed' }
const state = (line: string, exitCode = 0) => readHostAnswer(missionState, exitCode, `${line}\n`, '')
const refused = (code: string, data: object, exitCode = 1) =>
  readHostAnswer(
    transition,
    exitCode,
    envelope('transition', data, { success: false, error_code: code }),
    'stderr says nothing',
  )

describe('a success', () => {
  it('is read with fields that we do not know', () => {
    expect(state(envelope('mission-state', { ...stateData, brand_new: 1 }, { also_new: true }))).toEqual({
      ok: true,
      data: stateData,
      contract: '1.5.0',
    })
  })

  it('is the last line that is not empty', () => {
    const line = envelope('mission-state', stateData)
    expect(state(`Deleted branch x (was 1).\n{"a": 1}\n${line}\r\n\n  \n`)).toMatchObject({ ok: true })
    expect(state(`${line}\nDeleted branch x`)).toMatchObject({ code: 'host-garbage' })
  })

  it.each([
    ['two answers', `${envelope('mission-state', stateData)}\n${envelope('mission-state', stateData)}`, /two answers/],
    ['two documents on a line', `${envelope('mission-state', stateData)}{}`, /without an answer/],
    ['a byte order mark', `\ufeff${envelope('mission-state', stateData)}`, /"\\ufeff\{/],
    ['NaN', envelope('mission-state', stateData).replace('"planned":1', '"planned":NaN'), /without an answer/],
    [
      'an infinite number',
      envelope('mission-state', stateData).replace('"planned":1', '"planned":1e400'),
      /data\.summary\.planned/,
    ],
    ['another command', envelope('list-ready', stateData), /another command, orchestrator-api\.list-ready/],
    ['a success of no command', envelope('unknown', stateData), /another command/],
    ['JSON that is no object', '[]', /not a valid answer/],
    ['a bare null', 'null', /not a valid answer/],
    ['no data', envelope('mission-state', stateData, { data: undefined }), /→ at data/],
    ['no success', envelope('mission-state', stateData, { success: undefined }), /→ at success/],
    ['no correlation id', envelope('mission-state', stateData, { correlation_id: undefined }), /→ at correlation_id/],
    ['an error code', envelope('mission-state', stateData, { error_code: 'X' }), /→ at error_code/],
    ['no summary', envelope('mission-state', { ...stateData, summary: undefined }), /→ at data\.summary/],
    [
      'a WP without a lane',
      envelope('mission-state', { ...stateData, work_packages: [{ wp_id: 'WP01', dependencies: [] }] }),
      /→ at data\.work_packages\[0\]\.lane/,
    ],
  ])('is none with %s', (_name, stdout, message) => {
    expect(state(stdout)).toMatchObject({ ok: false, code: 'host-garbage', message: expect.stringMatching(message) })
  })

  it('is none without exit code 0', () => {
    expect(state(envelope('mission-state', stateData), 1)).toMatchObject({ code: 'host-garbage' })
  })

  it('quotes a host that lies, safely', () => {
    const outcome = state(`{"command": "\u001b[2J${'x'.repeat(5000)}"}`)
    if (outcome.ok) throw new Error('expected a failure')
    expect(outcome.message).not.toMatch(/\p{Cc}/u)
    expect(outcome.message).toContain('\\u001b')
    expect(Buffer.byteLength(outcome.message)).toBeLessThan(1600)
  })
})

describe('an answer about something else', () => {
  const answer = (data: object, asked: object) =>
    readHostAnswer(transition, 0, envelope('transition', { ...moved, ...data }), '', asked)

  it.each([
    [{ mission_slug: 'other-01M7YJ68' }, { mission: slug }, /another mission, other-01M7YJ68/],
    [{ wp_id: 'WP02' }, { mission: slug, wpId: 'WP01' }, /another work package, WP02/],
  ])('is none: %j', (data, asked, message) => {
    expect(answer(data, asked)).toMatchObject({ code: 'host-garbage', message: expect.stringMatching(message) })
  })

  it.each(['demo-01M7YJ68', '012-demo'])('is none for a read that asked for the full slug %s', mission => {
    const read = (slug: string) => {
      const line = envelope('mission-state', { ...stateData, mission_slug: slug })
      return readHostAnswer(missionState, 0, line, '', { mission })
    }
    expect(read('other-01M7YJ69')).toMatchObject({
      code: 'host-garbage',
      message: expect.stringMatching(/another mission, other-01M7YJ69/),
    })
    expect(read(mission).ok).toBe(true)
  })

  it('is fine for a read with the number and name of a mission that has an id too', () => {
    const line = envelope('mission-state', { ...stateData, mission_slug: '012-demo-01M7YJ68' })
    expect(readHostAnswer(missionState, 0, line, '', { mission: '012-demo' }).ok).toBe(true)
  })

  it('is none for a workspace of another mission', () => {
    const data = { mission_slug: 'other-01M7YJ68', wp_id: 'WP01', workspace_path: '/w', prompt_path: '/p' }
    const asked = { mission: slug, wpId: 'WP01' }
    const read = (data: object) =>
      readHostAnswer(hostCommands.resolveWorkspace, 0, envelope('resolve-workspace', data), '', asked)
    expect(read(data)).toMatchObject({ code: 'host-garbage' })
    expect(read({ ...data, mission_slug: slug }).ok).toBe(true)
  })

  it.each(['demo', '012', '01M7YJ68', '01M7YJ68AAAAAAAAAAAAAAAAAA'])(
    'is fine for a read with the handle %s',
    mission => {
      const read = readHostAnswer(missionState, 0, envelope('mission-state', stateData), '', { mission })
      expect(read.ok).toBe(true)
    },
  )

  it('is fine when it is the same, or when a read was asked with another handle', () => {
    expect(answer({}, { mission: slug, wpId: 'WP01' })).toEqual({ ok: true, data: moved, contract: '1.5.0' })
    const read = readHostAnswer(missionState, 0, envelope('mission-state', stateData), '', { mission: 'demo' })
    expect(read.ok).toBe(true)
  })
})

describe('a success that contradicts the request', () => {
  const { acceptMission, mergeMission } = hostCommands
  const merge = { mission_slug: slug, merged: false, target_branch: 'main', strategy: 'merge' }

  it.each([
    ['another lane', readHostAnswer(transition, 0, envelope('transition', moved), '', { to: 'approved' }), /claimed/],
    ['not merged', readHostAnswer(mergeMission, 0, envelope('merge-mission', merge), ''), /data\.merged/],
    [
      'not accepted',
      readHostAnswer(acceptMission, 0, envelope('accept-mission', { mission_slug: slug, accepted: false }), ''),
      /data\.accepted/,
    ],
  ])('is none: %s', (_name, outcome, message) => {
    expect(outcome).toMatchObject({ code: 'host-garbage', message: expect.stringMatching(message) })
  })

  it('is one when the lane is the one asked for', () => {
    expect(readHostAnswer(transition, 0, envelope('transition', moved), '', { to: 'claimed' }).ok).toBe(true)
  })

  const mark = (results: readonly object[]) => readMarkedSubtasks(0, JSON.stringify({ results }), '', ['T001', 'T002'])
  it.each([
    ['nothing', []],
    ['only one of two', [{ id: 'T001', outcome: 'updated' }]],
    ['another outcome', ['T001', 'T002'].map(id => ({ id, outcome: 'skipped' }))],
  ])('marks %s', (_name, results) => {
    expect(mark(results)).toMatchObject({ code: 'host-garbage', message: expect.stringContaining('T002') })
  })

  it.each(['updated', 'already_satisfied'])('marks all: %s', outcome => {
    expect(mark(['T001', 'T002'].map(id => ({ id, outcome }))).ok).toBe(true)
  })
})

describe('a refusal', () => {
  it.each(hostRefusalCodes.map(code => [code]))('%s is itself', code => {
    expect(refused(code, { message: 'no', extra: 1 })).toEqual({
      ok: false,
      code,
      message: 'no',
      data: { message: 'no', extra: 1 },
      contract: '1.5.0',
    })
  })

  it('with a code of a newer host keeps its word', () => {
    expect(refused('BRAND_\u001b[31mNEW', { message: 'no' })).toMatchObject({
      code: 'UNKNOWN_CODE',
      hostCode: 'BRAND_NEW',
    })
  })

  it('counts whatever the exit code', () => {
    expect(refused('WP_NOT_FOUND', { message: 'no' }, 0)).toMatchObject({ ok: false, code: 'WP_NOT_FOUND' })
    expect(refused('WP_NOT_FOUND', { message: 'no' }, 4)).toMatchObject({ ok: false, code: 'WP_NOT_FOUND' })
  })

  it('of the option parser is accepted for every command', () => {
    const line = envelope('unknown', { message: 'No such option' }, { success: false, error_code: 'USAGE_ERROR' })
    expect(readHostAnswer(transition, 2, line, '')).toMatchObject({ code: 'USAGE_ERROR', message: 'No such option' })
  })

  it.each([
    ['errors before a general message', { message: 'Merge failed', errors: ['a\nb', 'c'] }, 'a b; c'],
    ['the message where errors are empty', { message: 'Merge failed', errors: [] }, 'Merge failed'],
    ['the reason where a message is missing', { reason: 'dirty' }, 'dirty'],
    ['the code where nothing is said', { message: 7 }, 'the host answered PREFLIGHT_FAILED'],
    ['no control characters', { message: 'a\u001b[31mb\u0001' }, 'ab'],
  ])('shows %s', (_name, data, message) => {
    expect(refused('PREFLIGHT_FAILED', data)).toMatchObject({ message })
  })

  it('is at most 500 bytes long', () => {
    const outcome = refused('PREFLIGHT_FAILED', { message: 'é'.repeat(5000) })
    expect(outcome.ok ? 0 : Buffer.byteLength(outcome.message)).toBeGreaterThan(490)
    expect(outcome.ok ? 0 : Buffer.byteLength(outcome.message)).toBeLessThanOrEqual(500)
  })

  it('without a code is none', () => {
    const line = envelope('transition', {}, { success: false })
    expect(readHostAnswer(transition, 1, line, '')).toMatchObject({ code: 'host-garbage' })
  })
})
