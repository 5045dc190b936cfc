import type { VirtualTime } from './virtual-time.ts'

/** One life of the orchestrator's process: everything it does to the world goes through `effect`, until it is killed. */
export interface Incarnation {
  /** Applies `change` in the middle of a call that takes `ms`. Once killed, a call neither happens nor returns. */
  effect<T>(ms: number, change: () => T): Promise<T>
  /** A place at which the process may be killed. */
  pass(): Promise<void>
  alive(): boolean
  /** kill -9, now. */
  kill(): void
  /** Resolves when the process is killed; never, when it is not. */
  readonly killed: Promise<void>
  /** How many places were passed. */
  passed(): number
}

const never = new Promise<never>(() => {})

/** `killAt`: number of the place at which it is killed, from 1 on; null lets it live. */
export function createIncarnation(time: VirtualTime, killAt: number | null = null): Incarnation {
  let passed = 0
  let alive = true
  let tell = () => {}
  const killed = new Promise<void>(resolve => {
    tell = resolve
  })
  const kill = (): void => {
    alive = false
    tell()
  }
  const pass = async (): Promise<void> => {
    if (!alive) return never
    passed += 1
    if (passed !== killAt) return
    kill()
    return never
  }
  return {
    pass,
    kill,
    killed,
    alive: () => alive,
    passed: () => passed,
    async effect(ms, change) {
      await pass()
      await time.delay(ms / 2)
      if (!alive) return never
      const result = change()
      await time.delay(ms / 2)
      await pass()
      return result
    },
  }
}
