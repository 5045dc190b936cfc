import type { EarlierStatement, Finding, Verdict } from '../../src/core/judgement/review.ts'
import { type Action, approves } from '../run/fakes/scripted-agents.ts'

/** What a reviewer sees when it is asked. */
export interface Asked {
  readonly earlier: readonly { readonly number: number; readonly words: string }[]
  /** It is asked once more, because its last answer was no verdict. */
  readonly again: boolean
}

export function asked(prompt: Uint8Array): Asked {
  const text = new TextDecoder().decode(prompt)
  const [, list = ''] = /^## Findings of the last review\n([\s\S]*?)(?=^## )/m.exec(text) ?? []
  const entries = [...list.matchAll(/^(\d+)\. (.*)$/gm)]
  return {
    earlier: entries.map(([, number, words = '']) => ({ number: Number(number), words })),
    again: text.includes('- Yours: no verdict'),
  }
}

export function answers(verdict: Verdict): Action {
  return { ...approves, report: { ok: true, text: '', structured: verdict, usage: null, sessionId: null } }
}

export function said(
  word: Verdict['verdict'],
  findings: readonly Finding[],
  earlier: readonly EarlierStatement[] = [],
): Verdict {
  return { verdict: word, summary: 'as said', findings, checks: [], earlier }
}

export function finding(severity: Finding['severity'], place: string, problem: string): Finding {
  const [file = '', line] = place.split(':')
  return { severity, file, line: line === undefined ? null : Number(line), problem, change: null }
}

export function stated(number: number, state: EarlierStatement['state'], place = 'a.ts:1'): EarlierStatement {
  const [file = '', line] = place.split(':')
  return { number, state, file, line: Number(line), note: state === 'withdrawn' ? 'it was never right' : null }
}
