// Makes a bare clone ready: packages, build, the real host. Plain node, because nothing is installed yet.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const at = path => join(root, path)

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(2, `Node ${process.versions.node} is too old: install Node 20.19 or newer`)
}

// npm writes this file last, so a broken-off installation is done again.
if (newest('node_modules/.package-lock.json') < newest('package-lock.json')) {
  console.log('Installing packages (npm ci) ...')
  installPackages()
}

const sources = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'rolldown.config.mjs']
if (newest('dist') < Math.max(...sources.map(newest))) {
  console.log('Building ...')
  // The compiler writes files even when it finds errors; they must not pass for a build the next time.
  run('npm', ['run', '--silent', 'build'], 'the build failed', () =>
    rmSync(at('dist'), { recursive: true, force: true }),
  )
}

run(process.execPath, [at('dist/demo/set-up-host.js'), at('.cache/host')], 'the host could not be set up')

function installPackages() {
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, stderr, error } = spawnSync('npm', ['ci', ...flags], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'pipe'],
    encoding: 'utf8',
  })
  if (status === 0) return
  // Newer versions of npm (measured: 11.19) refuse any lock file when the registry lacks an optional package, here
  // those of other platforms (npm/cli#9846); such a package shows as one without a version. `install` takes the
  // versions of the same lock file.
  const missing = stderr?.match(/Missing: .*/g) ?? []
  if (missing.length > 0 && missing.every(line => line.endsWith('@ from lock file'))) {
    console.log('The registry lacks packages of other platforms: npm install from the same lock file ...')
    run('npm', ['install', '--no-save', ...flags], 'npm install failed')
    return
  }
  process.stderr.write(stderr ?? '')
  fail(status ?? 1, `npm ci failed: ${error?.message ?? `exit ${status}`}`)
}

/** Latest change of a file or of anything in a folder, in ms since the epoch; 0 when it is missing. */
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
  fail(status ?? 1, `${failure}: ${error ? error.message : signal ? `ended by ${signal}` : `exit ${status}`}`)
}

function fail(code, message) {
  console.error(`set-up: ${message}`)
  process.exit(code)
}
