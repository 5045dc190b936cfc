import { describe, expect, it } from 'vitest'
import { checkContract } from '../../../src/host/answer/contract.ts'

describe('checkContract', () => {
  it.each([['1.4.0'], ['1.4.9'], ['1.5.0'], ['1.10.0'], ['1.99.3'], ['1.5.0-rc.1']])('accepts %s', version => {
    expect(checkContract(version)).toEqual({ ok: true })
  })

  it.each([['0.9.0'], ['1.0.0'], ['1.2.0'], ['1.3.99'], ['0.5.0']])('finds %s too old', version => {
    expect(checkContract(version)).toMatchObject({
      ok: false,
      message: expect.stringContaining(version),
      hint: expect.stringContaining('spec-kitty-cli>=3.2.6'),
    })
  })

  it.each([['2.0.0'], ['10.0.0']])('finds %s too new', version => {
    expect(checkContract(version)).toMatchObject({
      ok: false,
      hint: expect.stringContaining('spec-kitty-orchestrator'),
    })
  })

  it.each([[''], ['abc'], ['1'], ['1.4'], ['1.5.0\u001b[31m'], ['v1.5.0'], ['1.5.0\n']])(
    'takes %j for none',
    version => {
      const check = checkContract(version)
      expect(check.ok).toBe(false)
      expect(JSON.stringify(check)).not.toContain('u001b')
    },
  )
})
