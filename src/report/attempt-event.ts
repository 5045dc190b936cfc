import { answererWords } from '../core/agent/model-swap.ts'
import { duration } from '../core/format.ts'
import { oneLine } from '../core/text.ts'
import type { Event } from '../run/events/event.ts'

export type AttemptEvent = Extract<
  Event,
  {
    type:
      | 'attempt-started'
      | 'attempt-adopted'
      | 'attempt-ended'
      | 'agent-quiet'
      | 'attempt-void'
      | 'verdict'
      | 'agent-out'
      | 'cooldown'
  }
>

/** Describes what happened to an agent and its attempts. */
export function describeAttempt(event: AttemptEvent): string {
  switch (event.type) {
    case 'attempt-started': {
      const hands = event.role === 'review' && !event.reviewerIsReadOnly ? ', with write access' : ''
      return `${event.wpId} ${event.role} by ${event.agent} starts (attempt ${event.attempt}, cycle ${event.cycle}${hands})`
    }
    case 'attempt-adopted': {
      const how = event.running
        ? 'is still running; sko follows it again'
        : 'finished while sko was not running; its result is used'
      return `${event.wpId} ${event.role} by ${event.agent} ${how} (attempt ${event.attempt}, cycle ${event.cycle})`
    }
    case 'attempt-ended': {
      const how = event.interrupted ? 'was interrupted' : event.failure ? `failed: ${failure(event.failure)}` : 'ended'
      const where = event.failure ? `; log ${event.log}.out.log` : ''
      return `${event.wpId} ${event.role} by ${answererWords(event.agent, event)} ${how} after ${duration(event.elapsedMs)}${where}`
    }
    case 'agent-quiet':
      return `${event.wpId} ${event.role} by ${event.agent} has shown no sign of life for ${event.quietSeconds} s; it is stopped at ${event.limitSeconds} s; log ${event.log}.out.log`
    case 'attempt-void':
      return `${event.wpId} attempt ${event.attempt} by ${event.agent} does not count: ${failure(event.failure)}; log ${event.log}.out.log`
    case 'agent-out':
      return `${event.agent} is not used again in this run: ${event.reason}${event.hint && ` -> ${event.hint}`}`
    case 'cooldown':
      return `${event.agent}${event.model === null ? '' : ` (${event.model})`} is not used until ${event.until}: ${event.reason}`
    case 'verdict': {
      const { findings, followUps, notBelieved, dilutions = [] } = event
      const parts = [
        ...(event.given === event.verdict ? [] : ['counted as approved because nothing in it blocks']),
        ...(findings.length === 0 || event.verdict === 'approved' ? [] : [`${findings.length} finding(s)`]),
        ...(followUps.length === 0 ? [] : [`${followUps.length} follow-up(s)`]),
        ...(dilutions.length === 0 ? [] : [`${dilutions.length} question(s) about weaker tests or checks`]),
        ...(notBelieved === 0 ? [] : [`${notBelieved} finding(s) without an existing place not believed`]),
      ].map(part => `, ${part}`)
      return `${event.wpId} ${event.given} by ${answererWords(event.agent, event)} at ${event.commit.slice(0, 10)}${parts.join('')}: ${oneLine(event.summary, 200)}`
    }
  }
}

function failure({ class: name, detail }: { readonly class: string; readonly detail: string }): string {
  return `${name}: ${detail}`
}
