import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterEach, describe, expect, it } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const made: string[] = []

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A clone that is not set up, on a machine with only these programs on PATH. */
function machine(programs: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'sko-set-up-'))
  made.push(folder)
  const bin = join(folder, 'bin')
  mkdirSync(join(folder, 'clone', 'scripts'), { recursive: true })
  mkdirSync(bin)
  copyFileSync(join(root, 'scripts', 'set-up.mjs'), join(folder, 'clone', 'scripts', 'set-up.mjs'))
  writeFileSync(join(folder, 'clone', 'package-lock.json'), '{}')
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  const journal = join(folder, 'journal')
  const env = { PATH: bin, HOME: folder, JOURNAL: journal }
  const options = { env, extendEnv: false, reject: false } as const
  return {
    clone: join(folder, 'clone'),
    run: () => execa(process.execPath, [join(folder, 'clone', 'scripts', 'set-up.mjs')], options),
    calls: () => readFileSync(journal, 'utf8').trim().split('\n'),
  }
}

/** The program that a set-up script of this clone would run in place of the whole build. */
function withBuild(clone: string): void {
  mkdirSync(join(clone, 'node_modules'))
  writeFileSync(join(clone, 'node_modules', '.package-lock.json'), '{}')
  symlinkSync(join(root, 'dist'), join(clone, 'dist'))
}

const npmHelp = Array.from({ length: 100 }, (_, line) => `npm error help ${line}`).join('\n')
const refusal = (missing: string) => `echo "npm $*" >> "$JOURNAL"
[ "$1" = ci ] || exit 0
cat >&2 <<'END'
npm error code EUSAGE
npm error
npm error \`npm ci\` can only install packages when your package.json and package-lock.json are in sync.
npm error
${missing}
${npmHelp}
END
exit 1`
const cat = 'while IFS= read -r line; do echo "$line"; done'

describe('the set-up', () => {
  it.each([
    ['without a version', 'npm error Missing: @oxc/binding-android@ from lock file'],
    ['with a version', 'npm error Missing: @oxc/binding-android@0.99.1 from lock file'],
    ['as an older npm says it', 'npm ERR! Missing: fsevents@2.3.3 from lock file'],
    ['beside an invalid one', 'npm error Invalid: lock file\nnpm error Missing: fsevents@2.3.3 from lock file'],
  ])('installs from the same lock file where npm ci misses a package, %s', async (_, missing) => {
    const { run, calls } = machine({ npm: refusal(missing), cat })
    await run()
    expect(calls().slice(0, 2)).toEqual([
      expect.stringMatching(/^npm ci /),
      expect.stringMatching(/^npm install --no-save /),
    ])
  })

  it('says in three lines that the registry cannot be reached', async () => {
    const npm = `cat >&2 <<'END'
npm error code ENOTFOUND
npm error syscall getaddrinfo
npm error errno ENOTFOUND
npm error network request to http://registry.invalid/zod failed, reason: getaddrinfo ENOTFOUND registry.invalid
${npmHelp}
END
exit 1`
    const { exitCode, stderr } = await machine({ npm, cat }).run()
    expect(exitCode).toBe(1)
    expect(stderr.split('\n')).toEqual([
      'set-up: the packages could not be installed (npm ci)',
      '  cause: ENOTFOUND: network request to http://registry.invalid/zod failed, reason: getaddrinfo ENOTFOUND registry.invalid',
      expect.stringMatching(/^ {2}next: /),
    ])
  })

  it('says in three lines that the fallback failed too', async () => {
    const npm = refusal('npm error Missing: fsevents@2.3.3 from lock file').replace(
      '|| exit 0',
      '|| { echo "npm error code E404" >&2; exit 1; }',
    )
    const { exitCode, stderr } = await machine({ npm, cat }).run()
    expect(exitCode).toBe(1)
    expect(stderr.split('\n')).toHaveLength(3)
    expect(stderr).toContain('E404')
  })

  it('says in three lines that there is no npm', async () => {
    const { exitCode, stderr } = await machine({}).run()
    expect(exitCode).toBe(1)
    expect(stderr.split('\n')).toHaveLength(3)
    expect(stderr).toContain('npm is not on PATH')
  })

  it('says in three lines that there is no git', async () => {
    const here = machine({ npm: 'exit 0' })
    withBuild(here.clone)
    const { exitCode, stderr } = await here.run()
    expect(exitCode).toBe(2)
    expect(stderr.split('\n')).toEqual([
      'set-up: git does not run',
      expect.stringContaining('ENOENT'),
      '  next: install git 2.31 or newer and put it on PATH',
    ])
  })

  it('says in three lines that there is no Python', async () => {
    const here = machine({ npm: 'exit 0', git: 'echo git version 2.39.5' })
    withBuild(here.clone)
    const { exitCode, stderr } = await here.run()
    expect(exitCode).toBe(3)
    expect(stderr.split('\n')).toEqual([
      'set-up: the host could not be set up',
      '  cause: no Python 3.11 or newer on PATH',
      expect.stringMatching(/^ {2}next: install Python 3\.11/),
    ])
  })
})
