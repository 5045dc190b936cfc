// Runs what `npm test` leaves out, for hours: every row and seed of the rings, and the long rings. With names, these
// steps alone: `npm run test:full -- settings mutation`. Each step has its log in .cache/test-full, and prints a line.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hostCommandIn } from '../dist/demo/host-environment.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const logs = join(root, '.cache', 'test-full')
const shared = { ...process.env, SKO_FULL: '1', SKO_TEST_HOST: hostCommandIn(join(root, '.cache/host')) }
const simulators = ['simulator', 'intruders', 'odd-answers'].map(name => `tests/sim/${name}.test.ts`)

/** Name -> commands, and variables. */
const steps = {
  checks: [[['npm', 'run', 'check']]],
  unit: [[ring('unit')]],
  shuffles: [[1, 2, 3].map(seed => [...ring('unit'), '--sequence.shuffle.files', `--sequence.seed=${seed}`])],
  simulator: [[ring('unit', ...simulators)], { SKO_SIM_RUNS: '20000' }],
  replay: [[ring('unit', 'tests/sim/replay.test.ts')], { SKO_REPLAY_RUNS: '1000' }],
  process: [[ring('process')]],
  rig: [[ring('rig')]],
  e2e: [[script('agent-clis.mjs'), ring('e2e')]],
  agents: [
    [script('agent-clis.mjs'), [...ring('agents'), '--reporter=default', '--reporter=./tests/real-agents/table.ts']],
  ],
  worlds: [[ring('worlds')], { SKO_WORLDS: 'all' }],
  settings: [[script('gits.mjs'), ring('settings')]],
  mutation: [[['npx', '--no', '--', 'stryker', 'run']]],
  crash: [[ring('crash')]],
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !(name in steps))
if (unknown.length > 0) {
  console.error(`no step ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}`)
  process.exit(2)
}
mkdirSync(logs, { recursive: true })
for (const [name, [commands, env = {}]] of Object.entries(steps)) {
  if (wanted.length === 0 || wanted.includes(name)) await runStep(name, commands, env)
}

async function runStep(name, commands, env) {
  const startedMs = performance.now()
  const log = join(logs, `${name}.log`)
  const output = openSync(log, 'w')
  let ok = true
  for (const command of commands) ok = (await run(command, { ...shared, ...env }, output)) && ok
  closeSync(output)
  const seconds = Math.round((performance.now() - startedMs) / 1000)
  console.log(`${name}: ${ok ? 'passed' : 'FAILED'} in ${seconds} s, ${log}`)
  if (ok) return
  process.exitCode = 1
  console.log(readFileSync(log, 'utf8').split('\n').slice(-40).join('\n'))
}

function ring(project, ...files) {
  return ['npx', '--no', '--', 'vitest', 'run', '--project', project, ...files]
}

function script(name) {
  return [process.execPath, join(root, 'scripts', name)]
}

/** Resolves to whether it exited with 0. */
function run([program, ...args], env, output) {
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', output, output] })
    child.once('error', () => resolve(false))
    child.once('exit', code => resolve(code === 0))
  })
}
