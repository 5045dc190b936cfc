import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../leaks.ts'
import type { TinyHost } from './tiny-host.ts'

/** A call that says when it runs and then waits for a file. */
export function gated(host: Pick<TinyHost, 'folder'>, name = 'gate') {
  const [begun, gate] = [join(host.folder, `${name}-begun`), join(host.folder, name)]
  return {
    args: ['gate', begun, gate],
    pid: async () => {
      await eventually(() => existsSync(begun), 'the beginning of the call')
      return Number(readFileSync(begun, 'utf8'))
    },
    open: () => writeFileSync(gate, ''),
  }
}

/** Waits until so many processes have imported the host. */
export async function lastImporter(host: TinyHost, count: number): Promise<number> {
  await eventually(() => host.importers().length === count, `import number ${count}`)
  return host.importers().at(-1) ?? 0
}

/** False for a zombie too. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
