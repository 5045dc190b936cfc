/** A value that is set once, if at all. */
export interface Latch<T> {
  get(): T | null
  /** Does nothing when it is set already. */
  set(value: T): void
  /** Calls the listener once, now or when it is set. */
  onSet(listener: (value: T) => void): void
}

export function createLatch<T>(): Latch<T> {
  const listeners: ((value: T) => void)[] = []
  let held: T | null = null
  return {
    get: () => held,
    set: value => {
      if (held !== null) return
      held = value
      for (const listener of listeners) listener(value)
    },
    onSet: listener => {
      if (held === null) listeners.push(listener)
      else listener(held)
    },
  }
}
