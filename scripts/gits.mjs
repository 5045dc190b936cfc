import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Fetches two gits for tests: the oldest supported one, and one newer than most people have. They come from Debian's
 * releases, through this machine's package client and package source. Nothing is installed: they are unpacked into
 * `.cache/gits/<name>`, and run as `.cache/gits/<name>/bin/git`.
 *
 * `node scripts/gits.mjs` prints a line for each: name, program, version.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const cache = join(root, '.cache', 'gits')

/** Changes the loader that a program names. */
const patchelf = ['patchelf', 'libstdc++6', 'libgcc-s1']

/** The newer git also needs the C library that it was built for. */
const gits = [
  { name: 'oldest', release: 'bullseye', packages: ['git'] },
  { name: 'newer', release: 'trixie', packages: ['git', 'libc6', 'libpcre2-8-0', 'zlib1g', ...patchelf] },
]

const missing = gits.filter(({ name }) => !existsSync(join(cache, name, 'bin', 'git')))
if (missing.length > 0) fetchAll(missing)
for (const { name } of gits) {
  const program = join(cache, name, 'bin', 'git')
  console.log(`${name} ${program} ${execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()}`)
}

function fetchAll(wanted) {
  const work = join(cache, 'work')
  rmSync(work, { recursive: true, force: true })
  const config = configure(work, wanted)
  const env = { ...process.env, APT_CONFIG: config }
  run('apt-get', ['update'], { cwd: work, env })
  for (const git of wanted) {
    const folder = join(work, git.name)
    mkdirSync(folder, { recursive: true })
    const packages = git.packages.map(name => `${name}/${git.release}`)
    run('apt-get', ['download', ...packages], { cwd: folder, env })
    for (const file of readdirSync(folder).filter(name => name.endsWith('.deb'))) {
      run('dpkg-deb', ['--extract', file, 'root'], { cwd: folder })
    }
    const place = join(cache, git.name)
    rmSync(place, { recursive: true, force: true })
    renameSync(join(folder, 'root'), place)
    plantWrapper(place)
  }
  rmSync(work, { recursive: true, force: true })
}

/** This machine's package sources, with other releases. */
function configure(work, wanted) {
  const sources = join(work, 'sources')
  for (const folder of [sources, join(work, 'lists', 'partial'), join(work, 'archives', 'partial')]) {
    mkdirSync(folder, { recursive: true })
  }
  const own = '/etc/apt/sources.list.d/debian.sources'
  if (!existsSync(own)) fail(`this machine has no ${own}: Debian's packages cannot be asked for here`)
  const first = readFileSync(own, 'utf8').split('\n\n')[0] ?? ''
  const releases = [...new Set(wanted.map(({ release }) => release))].join(' ')
  writeFileSync(join(sources, 'releases.sources'), first.replace(/^Suites:.*$/m, `Suites: ${releases}`))
  const config = join(work, 'apt.conf')
  const settings = [
    'Dir::Etc::sourcelist "/dev/null";',
    `Dir::Etc::sourceparts "${sources}";`,
    `Dir::State::lists "${join(work, 'lists')}";`,
    `Dir::Cache "${work}";`,
    'APT::Sandbox::User "root";',
  ]
  writeFileSync(config, `${settings.join('\n')}\n`)
  return config
}

/** git starts itself through `--exec-path`, where a link points back to this program. */
function plantWrapper(place) {
  const core = join(place, 'usr', 'lib', 'git-core')
  const real = join(place, 'usr', 'lib', 'git-core', 'git')
  const loader = join(place, 'usr', 'lib64', 'ld-linux-x86-64.so.2')
  if (existsSync(loader)) {
    const libraries = join(place, 'usr', 'lib', 'x86_64-linux-gnu')
    const program = [join(place, 'usr', 'bin', 'patchelf'), '--set-interpreter', loader, '--set-rpath', libraries, real]
    run(loader, ['--library-path', libraries, ...program], {})
  }
  mkdirSync(join(place, 'bin'), { recursive: true })
  const wrapper = join(place, 'bin', 'git')
  writeFileSync(wrapper, `#!/bin/sh\nexec '${real}' --exec-path='${core}' "$@"\n`)
  chmodSync(wrapper, 0o755)
}

function run(program, args, options) {
  const result = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options })
  if (result.status === 0) return
  fail(`${program} ${args.join(' ')}: ${(result.stderr || result.error?.message || '').trim().split('\n').at(-1)}`)
}

function fail(message) {
  console.error(`cannot get the other gits: ${message}`)
  process.exit(1)
}
