import { duration } from '../core/format.ts'
import { howCheckEnded } from '../core/gate/check-result.ts'
import { oneLine } from '../core/text.ts'
import type { Event } from '../run/events/event.ts'
import { type AttemptEvent, describeAttempt } from './attempt-event.ts'
import { describeTree, type TreeEvent } from './tree-event.ts'

export type WpEvent =
  | AttemptEvent
  | TreeEvent
  | Extract<Event, { type: 'lane-changed' | 'check-ended' | 'wp-taken-away' | 'host-refused' | 'needs-person' }>

/** Describes what happened to one WP. */
export function describeWp(event: WpEvent): string {
  switch (event.type) {
    case 'lane-changed':
      return `${event.wpId} ${event.from} -> ${event.to}`
    case 'check-ended': {
      const how =
        event.exitCode === 0
          ? 'passed'
          : event.exitCode === null
            ? `was ${howCheckEnded(event)}`
            : `failed (exit ${event.exitCode})`
      return `${event.wpId} check ${how} after ${duration(event.elapsedMs)}: ${oneLine(event.command, 100)}${event.exitCode === 0 ? '' : `; log ${event.log}`}`
    }
    case 'wp-taken-away':
      return `${event.wpId} was moved from ${event.from} to ${event.to} by someone else; sko leaves it to them`
    case 'host-refused':
      return `${event.wpId} the host refused '${event.step}': ${event.message}`
    case 'needs-person':
      return `${event.wpId} needs attention: ${event.reason}${event.log ? `; log ${event.log}.out.log` : ''}`
    case 'work-committed':
    case 'subtasks-marked':
    case 'tree-changed-during-review':
    case 'tree-put-back':
    case 'commits-on-top':
      return describeTree(event)
    default:
      return describeAttempt(event)
  }
}
