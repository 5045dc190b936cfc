import { describe, expect, it } from 'vitest'
import { agentId } from '../../src/agents/agent-id.ts'
import { codex } from '../../src/agents/codex.ts'
import { createCustomAgent } from '../../src/agents/custom.ts'
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

describe('a custom agent', () => {
  const agent = createCustomAgent(agentId('mine'), { command: ['mine'], prompt: 'stdin', review: true })
  const output = { ...base, role: 'review', stdout: 'All good\n', stderr: 'note\nit broke\n' } as const

  it('has done its work when it exits 0', () => {
    expect(agent.read({ ...output, exitCode: 0 })).toMatchObject({ ok: true, text: 'All good\n', structured: null })
  })

  it.each([
    [1, 'agent-error', 'exit 1; it broke'],
    [null, 'crashed', 'ended by a signal without a closing record'],
  ])('exit %s: %s', (exitCode, failureClass, detail) => {
    expect(agent.read({ ...output, exitCode })).toMatchObject({ ok: false, failure: { class: failureClass, detail } })
  })
})
