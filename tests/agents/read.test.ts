import { describe, expect, it } from 'vitest'
import { codex } from '../../src/agents/codex.ts'
import { transcript } from './transcripts.ts'

const base = { role: 'implementation', cut: false, stdout: '', stderr: '', resultFile: null, endedAt: 0 } as const

describe('what a report holds', () => {
  it('prefers the final-message file of codex to its events', () => {
    expect(codex.read(transcript('codex', 'made-ok-review')).text).toContain('The second line is missing.')
  })

  it('redacts what the record quotes', () => {
    const stdout = `${JSON.stringify({ type: 'turn.failed', error: { message: 'boom sk-abcdefghijkl' } })}\n`
    const report = codex.read({ ...base, exitCode: 1, stdout })
    expect(report).toMatchObject({ failure: { class: 'agent-error', detail: 'boom [redacted]' } })
  })
})
