import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { realHost } from './real-host.ts'

/** The console script of a package that is installed in an environment of its own; it is gone after the test. */
export interface SmallHost {
  readonly command: string
  readonly python: string
  readonly record: string
}

const fixture = join(import.meta.dirname, '../../../fixtures/small-host')

/** See fixtures/small-host. */
export function smallHost(): SmallHost {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sko-small-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const python = join(folder, 'bin', 'python')
  execFileSync(join(dirname(realHost()), 'python'), ['-m', 'venv', '--without-pip', folder])
  const [version = ''] = readdirSync(join(folder, 'lib'))
  const packages = join(folder, 'lib', version, 'site-packages')
  cpSync(fixture, packages, { recursive: true })
  const info = 'small_kitty-1.0.dist-info'
  execFileSync('mkdir', [join(packages, info)])
  const command = join(folder, 'bin', 'spec-kitty')
  writeFileSync(
    command,
    `#!${python}\nimport sys\nfrom small_kitty import main\nif __name__ == '__main__':\n    sys.exit(main())\n`,
    {
      mode: 0o755,
    },
  )
  writeFileSync(join(packages, info, 'METADATA'), 'Metadata-Version: 2.1\nName: small-kitty\nVersion: 1.0\n')
  writeFileSync(join(packages, info, 'entry_points.txt'), '[console_scripts]\nspec-kitty = small_kitty:main\n')
  const files = [
    '../../../bin/spec-kitty',
    'small_kitty/__init__.py',
    ...['METADATA', 'RECORD', 'entry_points.txt'].map(name => `${info}/${name}`),
  ]
  const record = join(packages, info, 'RECORD')
  writeFileSync(record, files.map(file => `${file},,\n`).join(''))
  return { command, python, record }
}
