import { describe, expect, it } from 'vitest'
import { missionIdIn, missionsMeant, otherSpelling } from '../../../src/core/mission/mission-id.ts'

const id = '01M8NZ8Q12X4H5SVB4W18QC4RP'
const names = ['demo-01M8NZ8Q', 'demo-01M8P12W', 'demo-more-01M8P12W', '001-old']

it.each<readonly [unknown, string | null]>([
  [{ mission_id: id }, id],
  [{ mission_id: id.toLowerCase() }, null],
  [{ mission_id: id.slice(1) }, null],
  [{ mission_id: 7 }, null],
  [{ mission_id: null }, null],
  [{}, null],
  [id, null],
  [null, null],
])('the id in %j is %s', (meta, expected) => {
  expect(missionIdIn(meta)).toBe(expected)
})

describe('a handle that the host does not find', () => {
  it.each<readonly [string, string | null]>([
    [id.toLowerCase(), id],
    ['01m8nz8q', '01M8NZ8Q'],
    ['demo-01m8nz8q', 'demo-01M8NZ8Q'],
    ['001-OLD', '001-old'],
    ['01M8NZ8Q', null],
    ['demo-01M8NZ8Q', null],
    // Not the form of an id: too short, too long, a letter that ids do not have, a time that is too late.
    ['01m8nz8', null],
    ['01m8nz8q1', null],
    ['01m8nz8u', null],
    ['database', null],
    ['81m8nz8q', null],
    ['demo', null],
    ['', null],
  ])('%j is asked for as %j', (handle, expected) => {
    expect(otherSpelling(handle, names)).toBe(expected)
  })

  it('is not asked for under one of two names that differ in case only', () => {
    expect(otherSpelling('DEMO', ['demo', 'Demo'])).toBeNull()
  })

  it.each<readonly [string, readonly string[]]>([
    ['demo', ['demo-01M8NZ8Q', 'demo-01M8P12W']],
    ['demo-more', ['demo-more-01M8P12W']],
    ['01M8P12W', ['demo-01M8P12W', 'demo-more-01M8P12W']],
    ['01M8NZ8Q', ['demo-01M8NZ8Q']],
    ['01m8p12w', []],
    ['old', []],
    ['001', []],
    ['demo-', []],
    ['', []],
  ])('%j can mean %j', (handle, expected) => {
    expect(missionsMeant(handle, names)).toEqual(expected)
  })
})
