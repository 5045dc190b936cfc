type AskBetween<T> = (cwd: string, from: string, to: string) => Promise<T>

/** An answer can have a line for every file or commit of a repository. */
const mostRemembered = 32

/** For one repository: asks git only once about two commits or trees that are named by their ids, which cannot change. */
export function remembered<T>(ask: AskBetween<T>): AskBetween<T> {
  const known = new Map<string, Promise<T>>()
  return (cwd, from, to) => {
    const key = `${from} ${to}`
    const asked = known.get(key) ?? ask(cwd, from, to)
    if (!/^[0-9a-f]{40,64} [0-9a-f]{40,64}$/.test(key)) return asked
    known.delete(key)
    known.set(key, asked)
    asked.catch(() => known.delete(key))
    for (const oldest of [...known.keys()].slice(0, -mostRemembered)) known.delete(oldest)
    return asked
  }
}
