import { describe, expect, it } from 'vitest'
import { endBy } from '../../src/cli/running/run-end.ts'
import { andResume, continueRun, type NextCommand, newRun } from '../../src/core/next-command.ts'
import { exitCodes, OrchestratorError } from '../../src/errors.ts'

function endedWith(next: readonly NextCommand[]): readonly NextCommand[] {
  return endBy(new OrchestratorError({ code: 'x', exitCode: exitCodes.needsPerson, message: 'm', next })).next
}

describe('a run that ends by an error', () => {
  const first = { command: 'git fetch --unshallow', why: 'fetches the rest' }
  it.each<readonly [string, readonly NextCommand[], readonly NextCommand[]]>([
    ['names no command: it is resumed', [], [continueRun]],
    ['names what comes first: it is resumed after that', [first], [first, continueRun]],
    ['resumes in the same command: once', [andResume('git fetch', 'first')], [andResume('git fetch', 'first')]],
    ['cannot be resumed: a new run, once', [newRun('demo')], [newRun('demo')]],
  ])('%s', (_, next, expected) => {
    expect(endedWith(next)).toEqual(expected)
  })

  it('by a bug is resumed', () => {
    expect(endBy(new Error('broken'))).toMatchObject({ code: 'bug', next: [continueRun] })
  })
})
