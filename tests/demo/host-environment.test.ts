import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ensureHost, hostCommandIn } from '../../src/demo/host-environment.ts'
import { exitCodes } from '../../src/errors.ts'
import { scratch, writeProgram } from './scratch.ts'

afterEach(() => vi.unstubAllEnvs())

/** `-m venv D` puts a copy of this very script at D/bin/python, whose `-m pip` then "installs" the host beside it. */
const goodPython = `echo "$0 $*" >> "$JOURNAL"
case "$*" in
--version) echo "Python 3.12.1" ;;
"-m venv "*) /bin/mkdir -p "$3/bin" && /bin/cp "$0" "$3/bin/python" ;;
"-m pip install "*) /bin/cp "$0" "\${0%/*}/spec-kitty" ;;
esac`

/** A machine with nothing on PATH but these programs. */
function machine(programs: Readonly<Record<string, string>>) {
  const root = scratch()
  const bin = join(root, 'bin')
  for (const [name, script] of Object.entries(programs)) writeProgram(join(bin, name), script)
  vi.stubEnv('PATH', bin)
  vi.stubEnv('JOURNAL', join(root, 'journal'))
  const lines: string[] = []
  const folder = join(root, 'host')
  return {
    folder,
    lines,
    ensure: () => ensureHost({ folder, report: line => lines.push(line) }),
    journal: () =>
      existsSync(join(root, 'journal')) ? readFileSync(join(root, 'journal'), 'utf8').trim().split('\n') : [],
    /** The folder of all environments of the version. */
    home: dirname(dirname(dirname(hostCommandIn(folder)))),
  }
}

describe('ensureHost', () => {
  it('makes the environment with the pinned version', async () => {
    const { ensure, folder, journal, lines } = machine({ python3: goodPython })
    expect(await ensure()).toEqual({ command: hostCommandIn(folder) })
    expect(existsSync(hostCommandIn(folder))).toBe(true)
    expect(journal().at(-1)).toMatch(/bin\/python -m pip install .*spec-kitty-cli==3\.2\.7$/)
    expect(lines).toHaveLength(1)
  })

  it('does nothing the second time, not even start Python', async () => {
    const { ensure, journal, lines } = machine({ python3: goodPython })
    const first = await ensure()
    const calls = journal()
    expect(await ensure()).toEqual(first)
    expect(journal()).toEqual(calls)
    expect(lines).toHaveLength(1)
  })

  it('passes over a Python that is too old or only a shim, and takes the next', async () => {
    const { ensure, journal } = machine({
      'python3.13': 'echo "pyenv: python3.13: command not found" >&2; exit 127',
      'python3.12': 'echo Python 3.9.2',
      'python3.11': goodPython,
      python3: 'exit 9',
    })
    await ensure()
    expect(journal()[0]).toMatch(/python3\.11 --version$/)
  })

  it.each([
    ['is missing', {}, 'no Python 3.11 or newer on PATH'],
    ['is too old', { python3: 'echo Python 3.9.2' }, 'no Python 3.11 or newer on PATH (python3 is Python 3.9.2)'],
    ['does not say its version', { python3: 'echo hello' }, 'no Python 3.11 or newer on PATH'],
  ])('tells that Python %s, and what to do', async (_, programs, message) => {
    await expect(machine(programs).ensure()).rejects.toMatchObject({
      code: 'python-missing',
      exitCode: exitCodes.host,
      message,
      hint: expect.stringContaining('--host'),
    })
  })

  const version = '[ "$1" = --version ] && echo Python 3.11.2 && exit 0\n'

  it('tells that the venv module is missing', async () => {
    const python3 = `${version}echo 'The virtual environment was not created: ensurepip is not available.'; exit 1`
    await expect(machine({ python3 }).ensure()).rejects.toMatchObject({
      code: 'python-venv-failed',
      exitCode: exitCodes.host,
      message: expect.stringContaining('python3-venv'),
    })
  })

  it("tells pip's last line, made safe, and leaves nothing half made", async () => {
    const python3 = goodPython.replace(
      /"-m pip.*/,
      `*) echo first >&2; printf '\\033[31mERROR: no network\\n' >&2; exit 1 ;;`,
    )
    const { ensure, home } = machine({ python3 })
    await expect(ensure()).rejects.toMatchObject({
      code: 'host-install-failed',
      exitCode: exitCodes.host,
      message: 'pip cannot install spec-kitty-cli 3.2.7: ERROR: no network',
    })
    expect(readdirSync(home)).toEqual([])
  })

  it('ends with one whole environment when two make it at once', async () => {
    const { ensure, home, lines } = machine({ python3: goodPython })
    const [one, two] = await Promise.all([ensure(), ensure()])
    expect(one).toEqual(two)
    expect(existsSync(one.command)).toBe(true)
    expect(lines).toHaveLength(2)
    expect(readdirSync(home)).toContain('current')
  })

  it('makes it again when what the link names is gone, and removes what a dead process left', async () => {
    const { ensure, home } = machine({ python3: goodPython })
    const { command } = await ensure()
    rmSync(join(home, 'current'))
    symlinkSync(join(home, 'moved-away'), join(home, 'current'))
    // Above the largest pid that Linux gives.
    writeProgram(join(home, 'env-4194305-dead', 'bin', 'python'), 'exit 1')
    expect(await ensure()).toEqual({ command })
    expect(existsSync(command)).toBe(true)
    expect(existsSync(join(home, 'env-4194305-dead'))).toBe(false)
  })
})
