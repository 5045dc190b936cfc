import { describe, expect, it } from 'vitest'
import { sshEncoded, sshFields } from '../../../src/core/record/ssh-key.ts'

const bytes = (...values: readonly number[]) => new Uint8Array(values)

describe("SSH's encoding", () => {
  it.each([
    ['nothing', [], bytes()],
    ['an empty field', [bytes()], bytes(0, 0, 0, 0)],
    ['two fields', [bytes(7), bytes(8, 9)], bytes(0, 0, 0, 1, 7, 0, 0, 0, 2, 8, 9)],
  ])('of %s is read back', (_, fields, encoded) => {
    expect([...sshEncoded(...fields)]).toEqual([...encoded])
    expect(sshFields(encoded)?.map(field => [...field])).toEqual(fields.map(field => [...field]))
  })

  it('of a long field has its length in four bytes, the highest first', () => {
    const encoded = sshEncoded(new Uint8Array(0x010203))
    expect([...encoded.subarray(0, 4)]).toEqual([0, 1, 2, 3])
    expect(sshFields(encoded)?.map(({ length }) => length)).toEqual([0x010203])
  })

  it.each([
    ['a length that is cut', bytes(0, 0, 0)],
    ['a field that is cut', bytes(0, 0, 0, 2, 7)],
    ['bytes after the last field', bytes(0, 0, 0, 1, 7, 0)],
    ['a length of 4 GB', bytes(255, 255, 255, 255, 7)],
  ])('is none with %s', (_, encoded) => {
    expect(sshFields(encoded)).toBeNull()
  })

  it('is read in a part of a larger buffer', () => {
    const whole = bytes(9, 9, 0, 0, 0, 1, 7, 9)
    expect(sshFields(whole.subarray(2, 7))?.map(field => [...field])).toEqual([[7]])
  })
})
