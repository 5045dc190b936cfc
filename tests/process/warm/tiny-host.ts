import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execaSync } from 'execa'
import { onTestFinished } from 'vitest'
import type { WhyCold } from '../../../src/host/warm/helper.ts'
import { openWarmHost, type WarmHost } from '../../../src/host/warm/warm-host.ts'
import type { HostCall } from '../../../src/process/host-call.ts'

/** A Python package of our own with a console script, in a folder that PYTHONPATH names. */
export interface TinyHost {
  readonly command: string
  readonly folder: string
  /** The folder of the package. */
  readonly site: string
  /** The folder in which it is called. */
  readonly repo: string
  readonly env: Readonly<Record<string, string>>
  /** The processes that imported the package, those of cold calls and of helpers, in their order. */
  importers(): readonly number[]
  call(args: readonly string[], more?: Partial<HostCall>): HostCall
  /** Keeps it warm until the test ends. */
  warm(): WarmHost & { readonly reasons: readonly WhyCold[] }
}

export interface TinyHostOptions {
  /** Files of the package beside its usual ones, by path. */
  readonly modules?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** What PYTHONPATH names before the folder of the package. */
  readonly pythonPath?: readonly string[]
  /** The console script. */
  readonly script?: string
  /** What RECORD lists; default: all files. */
  readonly record?: readonly string[]
}

export const python = execaSync('python3', ['-c', 'import sys; print(sys.executable)']).stdout

const consoleScript = `# -*- coding: utf-8 -*-
import re
import sys
from tiny_kitty.cli import main
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit(main())
`

export function makeTinyHost(options: TinyHostOptions = {}): TinyHost {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sko-tiny-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const [site, repo, imports] = [join(folder, 'site'), join(folder, 'repo'), join(folder, 'imports')]
  const command = join(folder, 'bin', 'tiny-kitty')
  for (const [path, text] of Object.entries(filesOf(imports, options))) {
    mkdirSync(join(site, path, '..'), { recursive: true })
    writeFileSync(join(site, path), text)
  }
  mkdirSync(repo)
  chmodSync(command, 0o755)
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    PYTHONUTF8: '1',
    PYTHONPATH: [...(options.pythonPath ?? []), site].join(':'),
    ...options.env,
  }
  return {
    command,
    folder,
    site,
    repo,
    env,
    importers: () => [...new Set(read(imports).match(/\d+$/gm) ?? [])].map(Number),
    call: (args, more = {}) => ({
      ...{ file: command, args, cwd: repo, env, timeoutSeconds: 60, maxBytes: 1_000_000 },
      ...more,
    }),
    warm: () => {
      const warm = openWarmHost({ command, cwd: repo, env })
      onTestFinished(warm.close)
      const reasons: WhyCold[] = []
      warm.onCold(why => reasons.push(why))
      return { ...warm, reasons }
    },
  }
}

function filesOf(imports: string, { modules = {}, script, record }: TinyHostOptions): Record<string, string> {
  const note = `import os\nwith open(${JSON.stringify(imports)}, "a") as f: f.write(f"{os.getpid()}\\n")\n`
  const recordFile = 'tiny_kitty-1.0.dist-info/RECORD'
  const files = {
    'tiny_kitty/__init__.py': note,
    'tiny_kitty/cli.py': readFileSync(resolve('fixtures/tiny-kitty.py'), 'utf8'),
    'tiny_kitty/deep/__init__.py': '',
    'tiny_kitty/deep/late.py': note,
    'tiny_kitty/__main__.py': 'raise SystemExit("not to be imported")\n',
    ...Object.fromEntries(Object.entries(modules).map(([path, text]) => [`tiny_kitty/${path}`, text])),
    'tiny_kitty-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: tiny-kitty\nVersion: 1.0\n',
    'tiny_kitty-1.0.dist-info/entry_points.txt': '[console_scripts]\ntiny-kitty = tiny_kitty.cli:main\n',
    '../bin/tiny-kitty': script ?? `#!${python}\n${consoleScript}`,
  }
  const listed = record ?? [...Object.keys(files), recordFile]
  return { ...files, [recordFile]: listed.map(path => `${path},,\n`).join('') }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
