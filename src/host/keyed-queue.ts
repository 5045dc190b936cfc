export type KeyedQueue = <T>(key: string, task: () => Promise<T>) => Promise<T>

/** Runs tasks with the same key one after another, in order of arrival; different keys do not wait for each other. */
export function createKeyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>()
  return async (key, task) => {
    const before = tails.get(key)
    const mine = before === undefined ? task() : before.then(task, task)
    tails.set(key, mine)
    try {
      return await mine
    } finally {
      if (tails.get(key) === mine) tails.delete(key)
    }
  }
}
