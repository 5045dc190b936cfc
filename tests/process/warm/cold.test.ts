import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeTinyHost, python, type TinyHost, type TinyHostOptions } from './tiny-host.ts'

const echo = { kind: 'exited', exitCode: 0, stdout: 'hello\n', stderr: 'hello\n' }

describe('a host that cannot be kept warm is called cold, and the reason is given once', () => {
  it.each<[string, TinyHostOptions, unknown]>([
    ['no Python', { script: `#!/bin/sh\necho hello\necho hello >&2\n` }, { cause: 'no-console-script' }],
    ['no package', { record: ['tiny_kitty/__init__.py'] }, { cause: 'no-package', detail: null }],
    ['output', { modules: { 'deep/late.py': 'print("loud")' } }, { cause: 'prints', detail: null }],
    [
      'threads',
      {
        modules: {
          'deep/late.py':
            'import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()',
        },
      },
      { cause: 'threads', detail: '2 threads' },
    ],
    [
      'a changed environment',
      { modules: { 'deep/late.py': 'import os\nos.environ["PATH"] = "/nowhere"' } },
      { cause: 'side-effects', detail: null },
    ],
    [
      'a crash while it is imported',
      { modules: { 'deep/late.py': 'import os\nos.abort()' } },
      { cause: 'helper-died' },
    ],
    [
      'its end while it is imported',
      { modules: { 'deep/late.py': 'import os\nos._exit(0)' } },
      { cause: 'helper-died' },
    ],
  ])('%s', async (_, options, reason) => {
    const host = makeTinyHost(options)
    const warm = host.warm()
    for (const mutates of [false, true]) expect(await warm.call(host.call(['echo', 'hello']), mutates)).toEqual(echo)
    expect(warm.reasons).toEqual([expect.objectContaining(reason)])
  })

  it('an import that fails', async () => {
    const host = makeTinyHost({ modules: { 'cli.py': 'raise ImportError("not\\n on this machine")' } })
    const warm = host.warm()
    expect(await warm.call(host.call([]), true)).toMatchObject({ kind: 'exited', exitCode: 1 })
    expect(warm.reasons).toEqual([{ cause: 'import-failed', detail: 'ImportError: not on this machine' }])
  })

  it.each<[string, (host: TinyHost) => void]>([
    ['installed again', host => appendFileSync(join(host.site, 'tiny_kitty-1.0.dist-info', 'RECORD'), 'more.py,,\n')],
    ['removed', host => rmSync(join(host.site, 'tiny_kitty-1.0.dist-info', 'RECORD'))],
    [
      'replaced by another program',
      host => writeFileSync(host.command, `#!${python}\nfrom tiny_kitty.cli import main\nmain()\n`),
    ],
    ['a package beside it was upgraded', host => mkdirSync(join(host.site, 'other-2.0.dist-info'))],
  ])('an installation that changes under the run: %s', async (_, change) => {
    const host = makeTinyHost()
    const warm = host.warm()
    expect(await warm.call(host.call(['echo', 'hello']), true)).toEqual(echo)
    expect(host.importers()).toHaveLength(1)
    change(host)
    for (let n = 0; n < 2; n++) expect(await warm.call(host.call(['echo', 'hello']), true)).toEqual(echo)
    expect(host.importers()).toHaveLength(3)
    expect(warm.reasons).toEqual([{ cause: 'changed', detail: null }])
  })
})

describe('a call is cold by itself', () => {
  it.each<[string, Readonly<Record<string, string>>, number]>([
    ['with a variable that Python reads', { PYTHONIOENCODING: 'latin-1' }, 2],
    ['with another locale', { LC_ALL: 'C' }, 2],
    ['with another PATH', { PATH: '/usr/bin:/bin' }, 2],
    ['but not with a variable of sko', { SKO_READ: 'r/1' }, 1],
  ])('%s', async (_, more, importers) => {
    const host = makeTinyHost()
    const warm = host.warm()
    await warm.call(host.call(['echo', 'hello']), true)
    expect(await warm.call(host.call(['echo', 'hello'], { env: { ...host.env, ...more } }), true)).toEqual(echo)
    expect(host.importers()).toHaveLength(importers)
    expect(warm.reasons).toEqual([])
  })

  it('in a folder that is gone', async () => {
    const host = makeTinyHost()
    const warm = host.warm()
    await warm.call(host.call(['echo', 'hello']), true)
    const cwd = join(host.folder, 'gone')
    const message = `there is no folder ${cwd}`
    expect(await warm.call(host.call(['echo', 'hello'], { cwd }), true)).toEqual({ kind: 'not-made', message })
  })
})

it('a module that cannot be imported is left to the calls that need it', async () => {
  const host = makeTinyHost({ modules: { 'deep/broken.py': 'import sys\nsys.exit("needs an extra")' } })
  const warm = host.warm()
  expect(await warm.call(host.call(['import', 'tiny_kitty.deep.broken']), true)).toMatchObject({ exitCode: 1 })
  expect(await warm.call(host.call(['echo', 'hello']), true)).toEqual(echo)
  expect([host.importers().length, warm.reasons]).toEqual([1, []])
})
