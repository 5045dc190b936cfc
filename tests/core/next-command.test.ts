import { describe, expect, it } from 'vitest'
import { andResume, newRun, nextLine, nextWords, parseNextLine, wayOut } from '../../src/core/next-command.ts'

const retry = { command: 'sko retry WP01', why: 'puts it back to work' }
const resume = { command: 'sko resume', why: '' }

describe('next commands', () => {
  it('are printed so that what is typed stands first, and the reason in brackets', () => {
    expect([retry, resume].map(nextLine)).toEqual(['sko retry WP01   (puts it back to work)', 'sko resume'])
    expect(nextWords([retry, resume])).toBe('; next: sko retry WP01 (puts it back to work), sko resume')
    expect(nextWords([])).toBe('')
    expect(wayOut('one\ntwo', [resume])).toEqual(['one', 'two', 'next: sko resume'])
    expect(wayOut('', [])).toEqual([])
    expect(wayOut(null, [])).toEqual([])
  })

  it('resume the run once another command has succeeded, or start a new one', () => {
    expect(andResume('git push', 'its words')).toEqual({ command: 'git push && sko resume', why: 'its words' })
    expect(newRun('demo').command).toBe('sko orchestrate --mission demo')
  })

  it.each([
    ['sko resume', resume],
    ['sko retry WP01   (puts it back to work)', retry],
    ['git a && sko resume   (b (c))', { command: 'git a && sko resume', why: 'b (c)' }],
    ['correct it, then: sko resume   (its words)', { command: 'sko resume', why: 'correct it: its words' }],
    ['correct it, then: sko resume', { command: 'sko resume', why: 'correct it' }],
    ['correct it, then: sko resume; or ask', { command: 'correct it, then: sko resume; or ask', why: '' }],
    ['', { command: '', why: '' }],
  ])('stored as a text by an older version: %s', (text, entry) => expect(parseNextLine(text)).toEqual(entry))
})
