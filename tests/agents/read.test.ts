import { describe, expect, it, vi } from 'vitest'
import { codex } from '../../src/agents/adapters/codex.ts'
import { copilot } from '../../src/agents/adapters/copilot.ts'
import { gemini } from '../../src/agents/adapters/gemini.ts'
import { letta } from '../../src/agents/adapters/letta.ts'
import { pi } from '../../src/agents/adapters/pi.ts'
import { jsonRecords } from '../../src/agents/reading/output.ts'
import { transcript } from './transcripts.ts'

const base = {
  role: 'implementation',
  cut: false,
  stdout: '',
  head: '',
  stderr: '',
  resultFile: null,
  endedAt: 0,
} as const

describe('what a report holds', () => {
  it('prefers the final-message file of codex to its events', () => {
    expect(codex.read(transcript('codex', 'made-ok-review')).text).toContain('The second line is missing.')
  })

  it('redacts what the record quotes', () => {
    const stdout = `${JSON.stringify({ type: 'turn.failed', error: { message: 'boom sk-abcdefghijkl' } })}\n`
    const report = codex.read({ ...base, exitCode: 1, stdout })
    expect(report).toMatchObject({ failure: { class: 'agent-error', detail: 'boom [redacted]' } })
  })

  it('leaves out tokens and dollars that cannot be', () => {
    const usage = '{"input_tokens":-5,"output_tokens":1e999}'
    const report = codex.read({ ...base, exitCode: 0, stdout: `{"type":"turn.completed","usage":${usage}}` })
    expect(report).toMatchObject({ ok: true, usage: null })
    const stats = { input_tokens: 100, total_tokens: 5 }
    const stdout = JSON.stringify({ type: 'result', status: 'success', stats })
    expect(gemini.read({ ...base, exitCode: 0, stdout }).usage?.outputTokens).toBeNull()
  })
})

/** JSON can hold an object that no string can be made of. */
const noText = { toString: 1, valueOf: 1 }

describe('records of a hostile shape', () => {
  it.each([
    [copilot, [{ type: 'session.error', data: { errorType: noText, errorCode: noText, message: 'x' } }]],
    [
      letta,
      [
        { type: 'message', message_type: noText },
        { type: 'error', message: 'x', stop_reason: noText },
      ],
    ],
    [
      gemini,
      [
        { type: 'message', role: 'assistant', content: noText },
        { type: 'result', status: 'error' },
      ],
    ],
    [
      pi,
      [
        { type: 'message_end', message: { role: 'assistant', stopReason: noText, content: [] } },
        { type: 'agent_settled', aborted: false },
      ],
    ],
  ])('are read all the same', (agent, records) => {
    const stdout = records.map(record => JSON.stringify(record)).join('\n')
    for (const exitCode of [0, 1]) expect(agent.read({ ...base, exitCode, stdout }).ok).toBe(false)
  })

  it('are not tried where the end of the line already tells that it is none', () => {
    const parse = vi.spyOn(JSON, 'parse')
    expect(jsonRecords('{\n[\n{"a":\n'.repeat(100))).toEqual([])
    expect(parse).not.toHaveBeenCalled()
    parse.mockRestore()
  })
})
