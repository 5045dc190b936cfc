import type { Wire } from '../../../src/host/warm/helper.ts'

export interface FakeWire extends Wire {
  /** What was sent, parsed. */
  readonly sent: readonly Readonly<Record<string, unknown>>[]
  readonly done: readonly string[]
  /** Says a line as the helper. */
  say(answer: unknown): void
  /** The helper dies, and nothing that it forked is about to begin. */
  close(): void
  /** Sets how much processor time it has used; null: it is gone. */
  use(cpuSeconds: number | null): void
  /** The call of a dead helper ends. */
  end(pid: number): void
}

export function fakeWire(): FakeWire {
  const sent: Readonly<Record<string, unknown>>[] = []
  const done: string[] = []
  const listeners: ((line: string) => void)[] = []
  const followed = new Map<number, () => void>()
  let close = () => {}
  let used: number | null = 0
  const closed = new Promise<void>(resolve => {
    close = resolve
  })
  return {
    sent,
    done,
    send: line => void sent.push(JSON.parse(line)),
    onLine: listener => void listeners.push(listener),
    closed,
    hangUp: () => void done.push('hang up'),
    kill: () => void done.push('kill'),
    follow: pid => new Promise(resolve => void followed.set(pid, resolve)),
    say: answer => {
      for (const listener of listeners) listener(typeof answer === 'string' ? answer : JSON.stringify(answer))
    },
    cpuSeconds: () => used,
    use: cpuSeconds => {
      used = cpuSeconds
    },
    close: () => close(),
    end: pid => followed.get(pid)?.(),
  }
}
