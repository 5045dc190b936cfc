import { expect, it } from 'vitest'
import { afterAbort, commandAfterAbort, nextAfterAbort } from '../../../src/core/mission/after-abort.ts'

it('an aborted run is not resumed: each hint names a new run instead', () => {
  expect(commandAfterAbort('demo')).toBe('sko orchestrate --mission demo')
  expect(afterAbort('sko resume, or sko resume --dry-run', 'demo')).toBe(
    'sko orchestrate --mission demo, or sko orchestrate --mission demo --dry-run',
  )
  expect(afterAbort('git push', 'demo')).toBe('git push')
  const next = [
    { command: 'git push && sko resume', why: 'then sko resume finishes it' },
    { command: 'sko abort', why: '' },
  ]
  expect(nextAfterAbort(next, 'demo')).toEqual([
    {
      command: 'git push && sko orchestrate --mission demo',
      why: 'then sko orchestrate --mission demo finishes it',
    },
    { command: 'sko abort', why: '' },
  ])
})
