import { constants } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { execa } from 'execa'
import { oneLine } from '../core/text.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'

const version = '3.2.7'
const pythonNames = ['python3.13', 'python3.12', 'python3.11', 'python3']
/** A package index that never answers must not block the set-up forever. */
const longestMs = 600_000
const oldestPython = [3, 11] as const

export interface HostEnvironmentOptions {
  /** May be shared; created if missing. Each version of the host has a subfolder. */
  readonly folder: string
  /** Called for steps that take long; never called if the environment exists. */
  readonly report: (line: string) => void
}

/** The path at which `ensureHost` puts the program. */
export function hostCommandIn(folder: string): string {
  return join(resolve(folder), version, 'current', 'bin', 'spec-kitty')
}

/**
 * The real host in its own Python virtual environment.
 *
 * An environment cannot be moved, because its scripts name its interpreter by absolute path. So each is made in its
 * final place, in a folder that no other process uses. The symbolic link `current` is written last and marks it as
 * complete. If two processes make one at the same time, the first link wins and the other process uses that
 * environment.
 */
export async function ensureHost({ folder, report }: HostEnvironmentOptions): Promise<{ readonly command: string }> {
  const command = hostCommandIn(folder)
  const home = join(resolve(folder), version)
  const link = join(home, 'current')
  if (await isWhole(link)) return { command }
  const python = await findPython()
  await mkdir(home, { recursive: true })
  await removeLeftovers(home, link)
  const environment = await mkdtemp(join(home, `env-${process.pid}-`))
  try {
    report(`Making a Python environment with spec-kitty-cli ${version} (once, about a minute) ...`)
    await makeEnvironment(python, environment)
    await publish(environment, link)
  } catch (error) {
    await rm(environment, { recursive: true, force: true })
    throw error
  }
  return { command }
}

/** Also false if the clone was moved (the link is absolute) or the Python below it was removed. */
async function isWhole(link: string): Promise<boolean> {
  try {
    await access(join(link, 'bin', 'spec-kitty'), constants.X_OK)
    await stat(join(link, 'bin', 'python'))
    return true
  } catch {
    return false
  }
}

async function publish(environment: string, link: string): Promise<void> {
  const own = `${link}-${basename(environment)}`
  await symlink(environment, own)
  // rename replaces in one step: a reader of the link sees the old target or the new one.
  if (await isWhole(link)) await Promise.all([rm(own), rm(environment, { recursive: true, force: true })])
  else await rename(own, link)
}

/**
 * Removes environments whose maker was killed, and those that no longer work. One that a live process is making stays.
 */
async function removeLeftovers(home: string, link: string): Promise<void> {
  const kept = (await isWhole(link)) ? basename(await readlink(link)) : null
  for (const name of await readdir(home)) {
    const maker = /^(?:current-)?env-(\d+)-/.exec(name)?.[1]
    if (maker === undefined || name === kept || isAlive(Number(maker))) continue
    await rm(join(home, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function findPython(): Promise<string> {
  const tooOld: string[] = []
  for (const name of pythonNames) {
    // pyenv has shims for versions that are not installed, so the name alone proves nothing.
    const { stdout, failed } = await execa(name, ['--version'], { reject: false, stdin: 'ignore' })
    const [, major, minor] = failed ? [] : (/^Python (\d+)\.(\d+)/.exec(stdout) ?? [])
    if (major === undefined || minor === undefined) continue
    if (Number(major) === oldestPython[0] && Number(minor) >= oldestPython[1]) return name
    tooOld.push(`${name} is ${oneLine(stdout, 40)}`)
  }
  throw hostError('python-missing', `no Python 3.11 or newer on PATH${tooOld.length ? ` (${tooOld.join(', ')})` : ''}`)
}

async function makeEnvironment(python: string, environment: string): Promise<void> {
  const made = await execa(python, ['-m', 'venv', environment], {
    reject: false,
    stdin: 'ignore',
    all: true,
    timeout: longestMs,
  })
  if (made.failed) {
    const why = /ensurepip|No module named/.test(made.all)
      ? 'its venv module is missing (Debian and Ubuntu: apt-get install python3-venv)'
      : lastLine(made.all)
    throw hostError('python-venv-failed', `${python} cannot make a virtual environment: ${why}`)
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `spec-kitty-cli==${version}`]
  const installed = await execa(join(environment, 'bin', 'python'), pip, {
    reject: false,
    stdin: 'ignore',
    all: true,
    timeout: longestMs,
  })
  if (installed.failed) {
    throw hostError('host-install-failed', `pip cannot install spec-kitty-cli ${version}: ${lastLine(installed.all)}`)
  }
}

function lastLine(output: string): string {
  return oneLine(output.trim().split('\n').at(-1) ?? '') || 'it failed without a message'
}

function hostError(code: string, message: string): OrchestratorError {
  return new OrchestratorError({
    code,
    exitCode: exitCodes.host,
    message,
    hint: `install Python 3.11 or newer with its venv module, or install spec-kitty-cli ${version} yourself and name it with --host <path>`,
  })
}
