import { describe, expect, it } from 'vitest'
import { statementOf } from '../../../src/core/record/statement.ts'
import { bundlePath, recordPath } from '../../../src/core/record/stored.ts'
import { recordOf } from '../../record/a-record.ts'

describe('the statement about a merge', () => {
  it.each([
    ['main', 'refs/heads/main'],
    ['fix/a', 'refs/heads/fix/a'],
    [null, 'HEAD'],
  ])('on %s is about the commit and its tree', (branch, name) => {
    const made = recordOf({ after: 'c1' })
    const record = { ...made, target: { ...made.target, branch } }
    expect(statementOf(record, 't1')).toStrictEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [
        { name, digest: { gitCommit: 'c1' } },
        { name: `${name}^{tree}`, digest: { gitTree: 't1' } },
      ],
      predicateType: 'pkg:npm/spec-kitty-orchestrator#review-record/v1',
      predicate: record,
    })
  })
})

describe('the place of a keyless signature', () => {
  it('is beside its record', () => {
    expect(bundlePath(recordPath('demo.json', 'c1'))).toBe('demo.json/c1.sigstore.json')
  })
})
