import type { Clock } from './clock.ts'

/** The longest time until a change of the mission by others is noticed, while nothing else causes a look. */
const pollMs = 30_000

/**
 * When the host is asked for the mission. What this run moved is known from the answers to its own calls, each of which
 * names the lane that the WP came from. Together with the last look that is the mission, unless others change it, and
 * they are noticed as soon as without any end of a WP. So a WP that this run has completed causes no look.
 */
export interface WhenToLook {
  began(): void
  /** A WP is complete. */
  completed(): void
  /** Something happened after which only the host knows the mission. */
  want(): void
  isDue(): boolean
  /** How long nothing else causes a look. */
  pauseMs(): number
  /** Nothing has happened since the last look began. */
  isFresh(): boolean
}

export function createWhenToLook({ elapsed }: Pick<Clock, 'elapsed'>): WhenToLook {
  let beganAt = elapsed()
  let wanted = false
  let fresh = true
  const pauseMs = () => Math.max(0, beganAt + pollMs - elapsed())
  return {
    began: () => {
      beganAt = elapsed()
      wanted = false
      fresh = true
    },
    completed: () => {
      fresh = false
    },
    want: () => {
      wanted = true
      fresh = false
    },
    isDue: () => wanted || pauseMs() === 0,
    pauseMs,
    isFresh: () => fresh,
  }
}
