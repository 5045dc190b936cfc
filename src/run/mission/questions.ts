import type { WpId } from '../../core/ids.ts'

/** Questions to the host about WPs, asked beside everything else, each at most once at a time. */
export interface Questions {
  ask(wpIds: readonly WpId[], ask: (wpIds: readonly WpId[]) => Promise<void>): void
  areOpen(): boolean
  allAnswered(): Promise<void>
}

/** `onAnswer`: once the answers to a question were processed. */
export function createQuestions(onAnswer: () => void, onFailure: (error: unknown) => void): Questions {
  const open = new Map<WpId, Promise<void>>()
  return {
    ask: (wpIds, ask) => {
      const asked = wpIds.filter(wpId => !open.has(wpId))
      if (asked.length === 0) return
      const answered = ask(asked)
        .catch(onFailure)
        .then(() => {
          for (const wpId of asked) open.delete(wpId)
          onAnswer()
        })
      for (const wpId of asked) open.set(wpId, answered)
    },
    areOpen: () => open.size > 0,
    allAnswered: async () => {
      await Promise.all(open.values())
    },
  }
}
