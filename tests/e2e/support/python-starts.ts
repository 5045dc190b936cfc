import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Counts the full starts of Python: one with `-I` reads no PYTHONPATH. */
export interface PythonStarts {
  /** For the environment of what is counted. */
  readonly path: string
  /** How many there were since the last count. */
  take(): number
}

export function pythonStarts(folder: string): PythonStarts {
  const [path, log] = [join(folder, 'site'), join(folder, 'starts')]
  mkdirSync(path)
  writeFileSync(join(path, 'sitecustomize.py'), `open('${log}', 'a').write('start\\n')\n`)
  return {
    path,
    take() {
      writeFileSync(log, '', { flag: 'a' })
      const count = readFileSync(log, 'utf8').split('\n').length - 1
      rmSync(log)
      return count
    },
  }
}
