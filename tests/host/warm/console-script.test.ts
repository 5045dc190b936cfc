import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findConsoleScript, pythonOf } from '../../../src/host/warm/console-script.ts'

describe('the interpreter of a console script', () => {
  const rest = '# -*- coding: utf-8 -*-\nimport sys\n'
  it.each([
    ['#!/opt/venv/bin/python\n', ['/opt/venv/bin/python']],
    ['#!/usr/bin/python3.12\n', ['/usr/bin/python3.12']],
    ['#! /usr/bin/python3.13t -E \n', ['/usr/bin/python3.13t', '-E']],
    ['#!/usr/bin/python3 -s -E\n', ['/usr/bin/python3', '-s -E']],
    ['#!/usr/bin/env python3\n', ['/usr/bin/env', 'python3']],
    [`#!/bin/sh\n'''exec' "/a folder/bin/python" "$0" "$@"\n' '''\n`, ['/a folder/bin/python']],
    [`#!/bin/sh\n'''exec' '/a folder/bin/python3' "$0" "$@"\n' '''\n`, ['/a folder/bin/python3']],
    [`#!/bin/sh\n'''exec' /a/long/bin/python3.11 "$0" "$@"\n' '''\n`, ['/a/long/bin/python3.11']],
  ])('%j', (lines, python) => {
    expect(pythonOf(lines + rest)).toEqual(python)
  })

  it.each([
    '#!/bin/sh\nexec python3 "$@"\n',
    '#!/bin/sh\n\'\'\'exec\' "$(dirname "$0")/python" "$0" "$@"\n',
    '#!/usr/bin/env node\n',
    '#!/usr/bin/env -S python3 -E\n',
    '#!/usr/bin/env\n',
    '#!python3\n',
    '#!/opt/bin/python3-wrapper\n',
    'import sys\n',
    '\x7fELF',
    '',
  ])('is not known: %j', lines => {
    expect(pythonOf(lines + (lines === '' ? '' : rest))).toBeNull()
  })
})

describe('the console script of a command', () => {
  function folders() {
    const folder = mkdtempSync(join(tmpdir(), 'sko-script-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const name of ['one', 'two', 'repo/bin']) {
      mkdirSync(join(folder, name), { recursive: true })
      writeFileSync(join(folder, name, 'kitty'), `#!/${name}/python3\n`, { mode: 0o755 })
    }
    return folder
  }

  it('is the first on PATH that can be run', () => {
    const folder = folders()
    const [one, two, repo] = [join(folder, 'one'), join(folder, 'two'), join(folder, 'repo')]
    const found = (path: string) => findConsoleScript('kitty', repo, path)?.path ?? null
    expect(found(`/nowhere:${one}:${two}`)).toBe(join(one, 'kitty'))
    chmodSync(join(one, 'kitty'), 0o644)
    expect(found(`${one}:${two}`)).toBe(join(two, 'kitty'))
    // The system would run that of the repository, with a relative name.
    expect(found(`bin:${two}`)).toBeNull()
    expect(found('')).toBeNull()
  })

  it('is a path, also of a link', () => {
    const folder = folders()
    symlinkSync(join(folder, 'one', 'kitty'), join(folder, 'link'))
    const found = findConsoleScript(join(folder, 'link'), folder, '')
    expect(found).toEqual({ path: join(folder, 'link'), python: ['/one/python3'] })
    expect(findConsoleScript(join(folder, 'nothing'), folder, '')).toBeNull()
    expect(findConsoleScript(folder, folder, '')).toBeNull()
  })
})
