import { expect, it } from 'vitest'
import { howCheckEnded } from '../../../src/core/gate/check-result.ts'

it.each([
  [{ exitCode: 0 }, 'exit 0'],
  [{ exitCode: 2, stopped: 'after 60 s' }, 'exit 2'],
  [{ exitCode: null }, 'stopped'],
  [{ exitCode: null, stopped: 'after 60 s' }, 'stopped, after 60 s'],
  [{ exitCode: 1, reason: '2 files outside' }, '2 files outside'],
])('a check with %j ended so: %s', (check, words) => expect(howCheckEnded(check)).toBe(words))
