// Installs the pinned agent CLIs for `npm run test:agents` into .cache/agents. Plain node, because it is part of the
// set-up.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cache = join(dirname(fileURLToPath(import.meta.url)), '..', '.cache')
const installed = join(cache, 'agents')
/** Used by this process only; an interrupted one's is removed. */
const unfinished = join(cache, `agents.new-${process.pid}`)

/** kilocode: the package of one platform, because not every registry has all versions of the wrapper. */
const kilocode = process.platform === 'linux' && process.arch === 'x64' ? { '@kilocode/cli-linux-x64': '7.7.9' } : {}

const packages = {
  '@anthropic-ai/claude-code': '2.1.329',
  '@augmentcode/auggie': '0.36.0',
  '@github/copilot': '1.0.102',
  '@google/gemini-cli': '0.61.0',
  ...kilocode,
  '@openai/codex': '0.169.0',
  '@qwen-code/qwen-code': '0.24.4',
  'opencode-ai': '1.18.33',
  /** For CLIs that need a newer Node than this machine's. */
  node: '24.21.0',
  /** letta does not bundle these three. */
  'node-pty': '1.1.0',
  sharp: '0.34.5',
  ws: '8.19.0',
}

/** Unpacked instead of installed: npm cannot find all of their dependencies, and they bundle what they need. */
const bundles = { '@earendil-works/pi-coding-agent': '1.5.2', '@letta-ai/letta-code': '0.32.18' }

/** Program -> what its launcher runs, below .cache/agents, and the version that it must report. */
const launchers = {
  auggie: [['node_modules/@augmentcode/auggie/augment.mjs'], packages['@augmentcode/auggie']],
  claude: [['node_modules/.bin/claude'], packages['@anthropic-ai/claude-code']],
  codex: [['node_modules/.bin/codex'], packages['@openai/codex']],
  copilot: [['node_modules/.bin/copilot'], packages['@github/copilot']],
  gemini: [['node_modules/.bin/gemini'], packages['@google/gemini-cli']],
  ...('@kilocode/cli-linux-x64' in packages
    ? { kilo: [['node_modules/@kilocode/cli-linux-x64/bin/kilo'], packages['@kilocode/cli-linux-x64']] }
    : {}),
  letta: [['node_modules/.bin/node', 'bundles/letta-code/letta.js'], bundles['@letta-ai/letta-code']],
  opencode: [['node_modules/.bin/opencode'], packages['opencode-ai']],
  pi: [
    ['node_modules/.bin/node', 'bundles/pi-coding-agent/dist/bundle/cli.js'],
    bundles['@earendil-works/pi-coding-agent'],
  ],
  qwen: [
    ['node_modules/.bin/node', 'node_modules/@qwen-code/qwen-code/cli-entry.js'],
    packages['@qwen-code/qwen-code'],
  ],
}

const wanted = JSON.stringify(
  { packages, bundles, launchers, platform: `${process.platform}-${process.arch}` },
  null,
  2,
)
const stamp = join(installed, 'installed.json')

if (!isInstalled()) {
  // Ends only after the last npm has: one left running would write into a folder that the next try removes.
  await install().catch(error => {
    console.error(`agent CLIs: ${error.message}`)
    process.exitCode = 1
  })
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
}

async function install() {
  console.log('Installing the agent CLIs (npm, about 2 GB) ...')
  removeBrokenOff()
  mkdirSync(join(unfinished, 'bin'), { recursive: true })
  writeFileSync(join(unfinished, 'package.json'), JSON.stringify({ private: true, dependencies: packages }))
  await Promise.all([run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']), ...unpacked()])
  for (const [name, [parts]] of Object.entries(launchers)) writeLauncher(name, parts)
  // Fails here if npm held back an install script.
  for (const [name, [, version]] of Object.entries(launchers)) await expectVersion(name, version)
  writeFileSync(join(unfinished, 'installed.json'), wanted)
  // Another process may have been faster, and its agents may already be running.
  if (isInstalled()) return rmSync(unfinished, { recursive: true })
  rmSync(installed, { recursive: true, force: true })
  renameSync(unfinished, installed)
}

function removeBrokenOff() {
  if (!existsSync(cache)) return
  for (const name of readdirSync(cache)) {
    const pid = /^agents\.new-(\d+)$/.exec(name)?.[1]
    if (pid && !isRunning(Number(pid))) rmSync(join(cache, name), { recursive: true, force: true })
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function unpacked() {
  return Object.entries(bundles).map(async ([name, version]) => {
    const folder = join(unfinished, 'bundles', name.split('/')[1])
    mkdirSync(folder, { recursive: true })
    await run('npm', ['pack', '--silent', '--pack-destination', folder, `${name}@${version}`])
    const archive = readdirSync(folder).find(file => file.endsWith('.tgz'))
    await run('tar', ['-xzf', join(folder, archive), '-C', folder, '--strip-components=1'])
    rmSync(join(folder, archive))
  })
}

function writeLauncher(name, parts) {
  const command = parts.map(part => `"$here/${part}"`).join(' ')
  const file = join(unfinished, 'bin', name)
  writeFileSync(file, `#!/bin/sh\nhere=$(dirname "$0")/..\nexec ${command} "$@"\n`)
  chmodSync(file, 0o755)
}

async function expectVersion(name, version) {
  const home = join(unfinished, 'home')
  mkdirSync(home, { recursive: true })
  // copilot unpacks itself into this folder when it first starts.
  const env = { ...process.env, HOME: home, COPILOT_CACHE_HOME: join(unfinished, 'copilot') }
  const answer = await run(join(unfinished, 'bin', name), ['--version'], env)
  rmSync(home, { recursive: true, force: true })
  if (!answer.includes(version)) throw new Error(`${name} --version says "${answer.trim()}" instead of ${version}`)
}

/** Returns its output. */
function run(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: unfinished, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = []
    child.stdout.on('data', data => output.push(data))
    child.stderr.on('data', data => output.push(data))
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const text = Buffer.concat(output).toString()
      if (code === 0) resolve(text)
      else reject(new Error(`${command} ${args.join(' ')}: ${signal ?? `exit ${code}`}\n${text}`))
    })
  })
}
