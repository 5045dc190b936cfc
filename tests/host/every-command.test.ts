import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readHostAnswer } from '../../src/host/answer/answer.ts'
import { readMarkedSubtasks } from '../../src/host/mark-subtasks.ts'
import { hostCommands } from '../../src/run/host/commands.ts'
import type { HostOutcome } from '../../src/run/host/host-outcome.ts'
import { recordings } from '../conformance/recording.ts'
import { envelope, slug } from './scripted-host.ts'

const moved = { mission_slug: slug, wp_id: 'WP01', from_lane: 'planned', to_lane: 'claimed' }

interface Command {
  readonly name: string
  /** Of an answer that is as it should be. */
  readonly data: object
  read(exitCode: number, stdout: string, stderr: string): HostOutcome<unknown>
}

const recordedData = z.looseObject({
  mission_slug: z.string().exactOptional(),
  wp_id: z.string().exactOptional(),
  to_lane: z.string().exactOptional(),
})

/** With the data of a success that was recorded: a new entry of the table needs its recording and nothing here. */
const commands: readonly Command[] = Object.values(hostCommands).map(command => {
  const { name } = command
  const success = recordings().find(one => one.command === name && one.envelope?.success === true)
  const data = recordedData.parse(success?.envelope?.data, { error: () => `no success in fixtures/host/${name}` })
  const asked = {
    ...(data.mission_slug ? { mission: data.mission_slug } : {}),
    ...(data.wp_id ? { wpId: data.wp_id } : {}),
    ...(data.to_lane ? { to: data.to_lane } : {}),
  }
  return { name, data, read: (...printed) => readHostAnswer<unknown>(command, ...printed, asked) }
})

type Printed = readonly [exitCode: number, stdout: string, stderr: string]

const rich = '╭── Traceback (most recent call last) ──╮\n│ x │\n╰──╯\n'
/** In this order: name, what is printed, and the code of the failure, or null for a success. */
const faults: readonly (readonly [string, (good: string, command: Command) => Printed, string | null])[] = [
  ['as it should be', good => [0, `${good}\n`, ''], null],
  ['a log line first', good => [0, `Deleted branch x (was 1).\n${good}\n`, 'WARNING: y'], null],
  ['nothing', () => [0, '', ''], 'host-garbage'],
  ['blank lines', () => [0, '\n \n', ''], 'host-garbage'],
  ['a page', () => [0, '<!DOCTYPE html>\n<html><body>502</body></html>\n', ''], 'host-garbage'],
  ['a byte order mark', good => [0, `\ufeff${good}`, ''], 'host-garbage'],
  ['two documents on a line', good => [0, `${good}${good}\n`, ''], 'host-garbage'],
  ['two answers', good => [0, `${good}\n${good}\n`, ''], 'host-garbage'],
  ['NaN', good => [0, good.replace('{', '{"x":NaN,'), ''], 'host-garbage'],
  ['half, then dead', good => [1, good.slice(0, good.length / 2), ''], 'host-garbage'],
  ['half, then exit 0', good => [0, good.slice(0, good.length / 2), ''], 'host-garbage'],
  ['the answer of another command', (good, { name }) => [0, good.replace(name, 'other'), ''], 'host-garbage'],
  ['no data', (_, { name }) => [0, envelope(name, {}, { data: undefined }), ''], 'host-garbage'],
  ['data that is a list', (_, { name }) => [0, envelope(name, []), ''], 'host-garbage'],
  ['empty data', (_, { name }) => [0, envelope(name, {}), ''], 'host-garbage'],
  ['success, and exit 1', good => [1, good, ''], 'host-garbage'],
  ['success as a word', (_, { name, data }) => [0, envelope(name, data, { success: 'true' }), ''], 'host-garbage'],
  ['a refusal, and exit 0', (_, { name }) => [0, refusal(name, 'WP_NOT_FOUND'), ''], 'WP_NOT_FOUND'],
  ['an unknown code', (_, { name }) => [1, refusal(name, 'BRAND_NEW'), ''], 'UNKNOWN_CODE'],
  ['a refusal without a code', (_, { name }) => [1, envelope(name, {}, { success: false }), ''], 'host-garbage'],
  ['a traceback', () => [1, '', `${rich}ValueError: broken`], 'host-defect'],
  ['a traceback after an answer', good => [1, good, `${rich}ValueError: broken`], 'host-garbage'],
  ['the gate of an old project', () => [4, '', 'needs migrations'], 'project-outdated'],
  ['the gate of a new project', () => [5, '', 'schema 99'], 'host-outdated'],
  ['nothing, and exit 127', () => [127, '', 'not found'], 'host-garbage'],
]

function refusal(name: string, code: string): string {
  return envelope(name, { message: 'no' }, { success: false, error_code: code })
}

describe.each(commands)('$name that prints', command => {
  const good = envelope(command.name, command.data)

  it.each(faults)('%s', (_, print, code) => {
    const outcome = command.read(...print(good, command))
    expect(outcome.ok ? null : outcome.code).toBe(code)
    expect(outcome.ok ? '' : outcome.message).not.toMatch(/\p{Cc}/u)
  })
})

it.each(commands.filter(({ data }) => 'mission_slug' in data))(
  '$name never takes the answer for another mission',
  ({ name, data, read }) => {
    const other = envelope(name, { ...data, mission_slug: 'other-01M7YJ69' })
    expect(read(0, other, '')).toMatchObject({
      code: 'host-garbage',
      message: expect.stringContaining('another mission'),
    })
  },
)

describe('mark-status that prints', () => {
  const good = JSON.stringify({ results: [{ id: 'T001', outcome: 'updated' }] })
  const read = (...printed: Printed) => readMarkedSubtasks(...printed, ['T001'])

  it.each<readonly [string, Printed, string | null]>([
    ['as it should be', [0, good, ''], null],
    ['nothing', [0, '', ''], 'host-garbage'],
    ['a page', [0, '<html></html>', ''], 'host-garbage'],
    ['a byte order mark', [0, `\ufeff${good}`, ''], 'host-garbage'],
    ['two documents', [0, `${good}${good}`, ''], 'host-garbage'],
    ['half', [0, good.slice(0, 20), ''], 'host-garbage'],
    ['an answer of orchestrator-api', [0, envelope('transition', moved), ''], 'host-garbage'],
    ['marks of others', [0, good.replace('T001', 'T002'), ''], 'host-garbage'],
    ['success, and exit 1', [1, good, ''], 'host-garbage'],
    ['a refusal', [1, '', JSON.stringify({ error: 'no such thing' })], 'UNKNOWN_CODE'],
    ['a traceback', [1, '', `${rich}ValueError: broken`], 'host-defect'],
    ['the gate of an old project', [4, '', 'needs migrations'], 'project-outdated'],
  ])('%s', (_, printed, code) => {
    const outcome = read(...printed)
    expect(outcome.ok ? null : outcome.code).toBe(code)
  })
})
