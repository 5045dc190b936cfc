import { describe, expect, it } from 'vitest'
import { comparedThresholds } from '../../../../src/core/judgement/dilution/thresholds.ts'

const line = (text: string) => ({ line: 1, text })
const compared = (before: string, after: string) => {
  const [removed, added] = [line(before), line(after)]
  const { lowered, explained } = comparedThresholds({ removed: [removed], added: after === '' ? [] : [added] })
  return { lowered: lowered.length > 0, explained: [explained.has(removed), explained.has(added)] }
}

const asking =
  `branches functions lines statements break high low target project patch threshold thresholds.lines fail_under
  fail-under failUnder cov-fail-under coverage lineCoverage minimum minCoverage min-msi Branches`.split(/\s+/)
const allowing =
  'max-warnings maxWarnings retry retries reruns complexity tolerance allowed allowedFailures Retries'.split(' ')
const neither = `admin baselines deadlines lineLength slow lowest retryDelay prereruns rerunsDelay climax disallowed
  faultTolerance toleranceUnit highest port`.split(/\s+/)

describe('a threshold', () => {
  it.each([...asking.map(name => [name, '95', '90']), ...allowing.map(name => [name, '0', '10'])])(
    '%s from %s to %s asks for less, back for more',
    (name, more, less) => {
      expect(compared(`${name}: ${more},`, `${name}: ${less},`)).toEqual({ lowered: true, explained: [true, true] })
      expect(compared(`${name}: ${less},`, `${name}: ${more},`)).toEqual({ lowered: false, explained: [true, true] })
      expect(compared(`${name}: ${more},`, '').lowered).toBe(true)
    },
  )

  it.each(neither)('%s is none', name => {
    expect(compared(`${name}: 1`, `${name}: 9`)).toEqual({ lowered: false, explained: [false, false] })
    expect(compared(`${name}: 9`, `${name}: 1`).lowered).toBe(false)
  })

  it.each([
    ['a decimal', '"lines": 0.85', '"lines": 0.8', true],
    ['a second digit of a decimal', '<minimum>0.85</minimum>', '<minimum>0.83</minimum>', true],
    ['the same number', 'lines: 80 // a', 'lines: 80 // b', false],
    ['the same allowed number', 'retries: 2 // a', 'retries: 2 // b', false],
  ])('%s', (_, before, after, expected) => {
    expect(compared(before, after).lowered).toBe(expected)
  })

  it.each([
    ['a comma more', 'lines: 80', '  lines: 90,', [true, true]],
    ['a comma within', 'f(1, lines: 80)', 'f(1 lines: 90)', [false, false]],
    ['a decimal', 'lines: 80', 'lines: 80.25', [true, true]],
    ['another command', 'vitest --coverage.lines 80', 'true --coverage.lines 80', [false, false]],
    ['another word', 'lines: 80, a', 'lines: 90, b', [false, false]],
    ['a number that is gone', 'lines: 80, a', 'lines: 90, a 1', [false, false]],
  ])('is all that changed, with %s', (_, before, after, expected) => {
    expect(compared(before, after).explained).toEqual(expected)
  })
})
