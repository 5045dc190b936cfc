import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runHostCall } from '../../../src/process/host-call.ts'
import { makeTinyHost, type TinyHost, type TinyHostOptions } from './tiny-host.ts'

const traps = ['tiny_kitty', 'sitecustomize', 'usercustomize', 'json', 'socket', 'typing_extra', 'warm_host'] as const

/** Modules that leave a file behind when they are imported, and a `.pth` that imports one. */
function setTraps(host: TinyHost, folder: string): () => readonly string[] {
  mkdirSync(folder, { recursive: true })
  const sprung = (name: string) => join(host.repo, '..', `sprung-${name}`)
  for (const name of traps) {
    const line = `open(${JSON.stringify(sprung(name))}, 'w')\n`
    writeFileSync(join(folder, `${name}.py`), line)
  }
  writeFileSync(join(folder, 'trap.pth'), `import sys; open(${JSON.stringify(sprung('pth'))}, 'w')\n`)
  return () => [...traps, 'pth'].filter(name => existsSync(sprung(name)))
}

describe('a warm host imports only what the plain script imports', () => {
  it.each<[string, TinyHostOptions['pythonPath']]>([
    ['with modules of its own in the repository', []],
    ['with a PYTHONPATH that names another folder', ['/nowhere']],
  ])('%s', async (_, pythonPath = []) => {
    const host = makeTinyHost({ pythonPath })
    const sprung = setTraps(host, host.repo)
    const warm = host.warm()

    const cold = await runHostCall(host.call(['look']))
    expect(sprung()).toEqual([])
    expect(await warm.call(host.call(['look']), true)).toEqual(cold)
    expect(sprung()).toEqual([])
    expect(host.importers()).toHaveLength(2)
  })

  it('and what a PYTHONPATH names that is relative to the folder of the calls', async () => {
    const host = makeTinyHost({ pythonPath: ['lib'] })
    const trap = join(host.repo, 'sprung')
    mkdirSync(join(host.repo, 'lib'))
    writeFileSync(join(host.repo, 'lib', 'of_the_path.py'), '')
    writeFileSync(join(host.repo, 'lib', 'sitecustomize.py'), `open(${JSON.stringify(trap)}, "a").write("run\\n")\n`)
    const warm = host.warm()

    const cold = await runHostCall(host.call(['import', 'of_the_path']))
    expect(cold).toMatchObject({ exitCode: 0, stdout: `${join(host.repo, 'lib', 'of_the_path.py')}\n` })
    expect(await warm.call(host.call(['import', 'of_the_path']), true)).toEqual(cold)
    expect(readFileSync(trap, 'utf8')).toBe('run\nrun\n')
    expect(host.importers()).toHaveLength(2)
  })

  it('is cold when PYTHONPATH brings another copy of the package, whose changes it would not see', async () => {
    const host = makeTinyHost({ pythonPath: ['lib'] })
    const other = join(host.repo, 'lib', 'tiny_kitty')
    mkdirSync(other, { recursive: true })
    writeFileSync(join(other, '__init__.py'), '')
    writeFileSync(join(other, 'cli.py'), 'def main(): print("the other one")\n')
    const warm = host.warm()

    expect(await warm.call(host.call(['look']), true)).toMatchObject({ stdout: 'the other one\n' })
    expect(warm.reasons).toEqual([{ cause: 'not-in-record', detail: join(other, '__init__.py') }])
  })
})
