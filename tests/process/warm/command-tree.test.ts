import { expect, it } from 'vitest'
import { runHostCall } from '../../../src/process/host-call.ts'
import { makeTinyHost } from './tiny-host.ts'

/** As much of typer as matters here: an application builds its commands when it is called. */
const typer = `import os
class Typer:
    def __call__(self):
        return get_command(self)()
def get_command(app):
    builder = os.getpid()
    return lambda: print("built here" if builder == os.getpid() else "built before")
`
const cli = `import typer.main
app = typer.main.Typer()
def main():
    app()
`
const lazy = `def __getattr__(name):
    if name == "app":
        from tiny_kitty.cli import app
        return app
    raise AttributeError(name)
`

it.each([
  ['the application that the package offers', `__all__ = ["app"]\n${lazy}`, 'built before'],
  ['an application that it does not offer', lazy, 'built here'],
  ['one that stands beside a name that is missing', `__all__ = ["app", "missing"]\n${lazy}`, 'built here'],
  [
    'one whose name ends the process',
    '__all__ = ["app"]\ndef __getattr__(name):\n    raise SystemExit(3)\n',
    'built here',
  ],
  [
    'another than the offered one',
    'from typer.main import Typer\nother = Typer()\n__all__ = ["other"]\n',
    'built here',
  ],
])('a warm call has the commands of %s', async (_, init, said) => {
  const modules = { '__init__.py': init, 'cli.py': cli, '../typer/__init__.py': '', '../typer/main.py': typer }
  const host = makeTinyHost({ modules })
  const warm = host.warm()
  expect(await runHostCall(host.call([]))).toMatchObject({ exitCode: 0, stdout: 'built here\n' })
  for (let n = 0; n < 2; n++) {
    expect(await warm.call(host.call([]), false)).toMatchObject({ exitCode: 0, stdout: `${said}\n`, stderr: '' })
  }
  expect(warm.reasons).toEqual([])
})

it('a warm call ends as a cold one does where typer cannot build the commands', async () => {
  const broken = typer.replace('    builder', '    raise ValueError("twice the same name")\n    builder')
  const modules = { '__init__.py': `__all__ = ["app"]\n${lazy}`, 'cli.py': cli, '../typer/__init__.py': '' }
  const host = makeTinyHost({ modules: { ...modules, '../typer/main.py': broken } })
  const cold = await runHostCall(host.call([]))
  expect(cold).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('twice the same name') })
  const warm = host.warm()
  expect(await warm.call(host.call([]), false)).toEqual(cold)
  expect(warm.reasons).toEqual([])
})
