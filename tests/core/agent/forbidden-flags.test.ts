import { describe, expect, it } from 'vitest'
import { forbiddenFlagIn, forbiddenFlags } from '../../../src/core/agent/forbidden-flags.ts'

describe('forbiddenFlagIn', () => {
  it.each(forbiddenFlags)('finds %s alone, with a value, and in a command line', flag => {
    expect(forbiddenFlagIn(['-v', flag])).toBe(flag)
    expect(forbiddenFlagIn([`${flag}=true`])).toBe(flag)
    expect(forbiddenFlagIn(['-c', `tool x '${flag}' y; true`])).toBe(flag)
  })

  it.each([[[]], [['--yolo-not']], [['yolo']], [['-full-auto']], [['x--yolo']]])('passes %j', args => {
    expect(forbiddenFlagIn(args)).toBeNull()
  })
})
