// Prepares a fresh clone: packages, build, the real host. Plain node, because nothing is installed yet.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const at = path => join(root, path)

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(2, 'this Node is too old', `it is ${process.versions.node}`, 'install Node 20.19 or newer')
}

// npm writes this file last, so an interrupted installation is repeated.
if (newest('node_modules/.package-lock.json') < newest('package-lock.json')) {
  console.log('Installing packages (npm ci) ...')
  installPackages()
}

const sources = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'rolldown.config.mjs']
if (newest('dist') < Math.max(...sources.map(newest))) {
  console.log('Building ...')
  // The compiler writes files even when it finds errors; they must not pass for a build next time.
  run('npm', ['run', '--silent', 'build'], 'the build failed', () =>
    rmSync(at('dist'), { recursive: true, force: true }),
  )
}

const git = spawnSync('git', ['--version'], { encoding: 'utf8' })
if (git.status !== 0) {
  const cause = git.error ? git.error.message : `git --version: exit ${git.status}`
  fail(2, 'git does not run', cause, 'install git 2.31 or newer and put it on PATH')
}

// It prints its own failures, in the same three lines.
const host = spawnSync(process.execPath, [at('dist/demo/set-up-host.js'), at('.cache/host')], { stdio: 'inherit' })
if (host.status !== 0) process.exit(host.status ?? 1)

function installPackages() {
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const first = npm(['ci', ...flags])
  if (first.status === 0) return
  // Newer versions of npm (measured: 11.19) refuse any lock file when the registry lacks an optional package, here
  // those of other platforms (npm/cli#9846). `install` takes the versions of the same lock file.
  if (/EUSAGE/.test(first.stderr) && /Missing: .* from lock file/.test(first.stderr)) {
    console.log('The registry lacks packages of other platforms: npm install from the same lock file ...')
    const second = npm(['install', '--no-save', ...flags])
    if (second.status === 0) return
    failInstall(second)
  }
  failInstall(first)
}

function npm(args) {
  const options = { cwd: root, stdio: ['inherit', 'inherit', 'pipe'], encoding: 'utf8' }
  const { status, stderr, error } = spawnSync('npm', args, options)
  return { status, stderr: `${stderr ?? ''}${error?.message ?? ''}`, missing: error?.code === 'ENOENT' }
}

function failInstall({ status, stderr, missing }) {
  if (missing) return fail(1, 'npm is not on PATH', 'npm comes with Node', 'install Node 20.19 or newer with npm')
  fail(
    status ?? 1,
    'the packages could not be installed (npm ci)',
    npmCause(stderr),
    'check the network and `npm config get registry`, then run the same command again',
  )
}

/** npm's code, and the longest line that says what happened: short ones only repeat parts of the code. */
function npmCause(stderr) {
  const lines = stderr.split('\n').flatMap(line => /^npm (?:error|ERR!) (.*)/.exec(line)?.[1].trim() || [])
  const reported = lines.slice(0, lines.findIndex(line => /^(?:Clean install|Usage:|A complete log)/.test(line)) >>> 0)
  const code = reported.find(line => line.startsWith('code '))?.slice('code '.length)
  const said = reported.filter(line => !line.startsWith('code '))
  const [longest] = said.toSorted((a, b) => b.length - a.length)
  return [code, longest].filter(Boolean).join(': ') || stderr.trim().split('\n').at(-1) || 'npm said nothing'
}

/** The latest change of a file, or of anything in a folder, in ms since the epoch; 0 if it is missing. */
function newest(path) {
  if (!existsSync(at(path))) return 0
  const stats = statSync(at(path))
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(stats.mtimeMs, ...readdirSync(at(path)).map(name => newest(join(path, name))))
}

function run(command, args, failure, cleanUp = () => {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status === 0) return
  cleanUp()
  const cause = error ? error.message : signal ? `ended by ${signal}` : `exit ${status}`
  fail(status ?? 1, failure, cause, 'see the output above')
}

/** Prints three lines, whatever a tool printed: what failed, why, and what to do. */
function fail(code, what, cause, next) {
  console.error(`set-up: ${what}\n  cause: ${cause}\n  next: ${next}`)
  process.exit(code)
}
