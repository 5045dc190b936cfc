import type { Ports } from '../ports.ts'

/** What of the world the run waits for at this moment, for a person. */
export interface UnderWay {
  /** Each kind once: `the host call start-implementation`, `the agent of WP01`, `a save of the run state (2 times)`. */
  names(): readonly string[]
  /** The same ports, each call of which is noted until it has ended. */
  noting(ports: Ports): Ports
}

export function createUnderWay(): UnderWay {
  const open = new Map<object, string>()
  const until = <T>(name: string, ended: Promise<T>): Promise<T> => {
    const entry = {}
    open.set(entry, name)
    return ended.finally(() => open.delete(entry))
  }
  const each = <T extends object>(port: T, nameOf: (method: string) => string): T =>
    new Proxy(port, {
      get: (target, method, receiver) => {
        const value: unknown = Reflect.get(target, method, receiver)
        if (typeof value !== 'function' || typeof method !== 'string') return value
        return (...args: readonly unknown[]) => {
          const result: unknown = Reflect.apply(value, target, args)
          return result instanceof Promise ? until(nameOf(method), result) : result
        }
      },
    })
  return {
    names: () => {
      const counts = new Map<string, number>()
      for (const name of open.values()) counts.set(name, (counts.get(name) ?? 0) + 1)
      return [...counts].map(([name, count]) => (count === 1 ? name : `${name} (${count} times)`))
    },
    noting: ports => ({
      ...ports,
      host: each(ports.host, method => `the host call ${kebab(method)}`),
      runAgent: (request, control) => until(`the agent of ${request.wpId}`, ports.runAgent(request, control)),
      runCheck: (request, signal) =>
        until(`a check of ${request.wpId ?? 'the combined result'}`, ports.runCheck(request, signal)),
      workspace: each(ports.workspace, method => `git in a lane worktree (${kebab(method)})`),
      commits: each(ports.commits, method => `git in the repository (${kebab(method)})`),
      combining: each(ports.combining, method => `git for the combined result (${kebab(method)})`),
      mainCheckout: each(ports.mainCheckout, method => `git in the main checkout (${kebab(method)})`),
      recorder: each(ports.recorder, method => `the review record (${kebab(method)})`),
      store: each(ports.store, () => 'a save of the run state'),
    }),
  }
}

function kebab(method: string): string {
  return method.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
