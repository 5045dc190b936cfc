// Runs every check and a cover of each ring of tests, and ends with one line, `N passed, N failed`. test-full.mjs has
// the rest. Run set-up.mjs first.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hostCommandIn } from '../dist/demo/host-environment.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const env = { ...process.env, SKO_TEST_HOST: hostCommandIn(join(root, '.cache/host')) }
const reports = mkdtempSync(join(tmpdir(), 'sko-test-'))

const checks = [['biome', 'check', '.'], ['tsc', '--noEmit'], ['knip']]
const rings = ['unit', 'process', 'rig']

// This mostly waits for the network, so the rings that do not need it run meanwhile.
const agentClis = start(process.execPath, [join(root, 'scripts/agent-clis.mjs')])

const results = []
for (const args of checks) results.push(await check(args))
for (const name of rings) results.push(await ring(name))
if (!(await agentClis)) results.push({ name: 'agent CLIs', passed: 0, failed: 1 })
// The real host is processor-bound and the agents' CLIs mostly wait, so running them together is faster.
results.push(...(await Promise.all([ring('e2e'), ring('agents', join(reports, 'agents.log'))])))
results.push(await ring('worlds'))
rmSync(reports, { recursive: true, force: true })

const sum = key => results.reduce((total, result) => total + result[key], 0)
// Repeated at the end, because often only the end of a long log is kept.
for (const { failures = [] } of results) for (const failure of failures) console.log(`\nFAILED ${failure}`)
for (const { name, passed, failed, seconds } of results) {
  console.log(`${name}: ${passed} passed, ${failed} failed${seconds === undefined ? '' : ` in ${seconds} s`}`)
}
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') > 0 ? 1 : 0

async function check(args) {
  const ok = await run(args)
  return { name: args.join(' '), passed: ok ? 1 : 0, failed: ok ? 0 : 1 }
}

/** With a log, the output of the ring is printed when it has ended. */
async function ring(name, log) {
  const file = join(reports, `${name}.json`)
  const startedMs = performance.now()
  const table = name === 'agents' ? ['--reporter=./tests/real-agents/table.ts'] : []
  const reporters = ['--reporter=default', ...table, '--reporter=json', `--outputFile=${file}`]
  const ok = await run(['vitest', 'run', '--project', name, ...reporters], log)
  if (log) process.stdout.write(readFileSync(log))
  if (!existsSync(file)) return { name, passed: 0, failed: 1 }
  const report = parse(readFileSync(file, 'utf8'))
  if (!report) return { name, passed: 0, failed: 1 }
  const tests = report.testResults.flatMap(file => file.assertionResults)
  const passed = tests.filter(test => test.status === 'passed').length
  // Skipped and todo tests count as failed, and so does a file that could not be loaded.
  const broken = report.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.every(test => test.status === 'passed'),
  )
  const failed = tests.length - passed + broken.length
  const crashed = failed === 0 && (!ok || tests.length === 0)
  const seconds = Math.round((performance.now() - startedMs) / 1000)
  return { name, passed, failed: crashed ? 1 : failed, seconds, failures: report.testResults.flatMap(failuresIn) }
}

function failuresIn({ name: path, message, assertionResults }) {
  const file = relative(root, path)
  const tests = assertionResults.filter(test => test.status !== 'passed')
  const details = tests.map(test => `${file}: ${test.fullName} (${test.status})\n${test.failureMessages.join('\n')}`)
  return message ? [`${file}\n${message}`, ...details] : details
}

/** null: the runner was killed while writing. */
function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function run(args, log) {
  console.log(`\n> ${args.slice(0, 4).join(' ')}`)
  // --no: never fetch a tool that package.json does not name.
  return start('npx', ['--no', '--', ...args], log)
}

/** Resolves to whether it exited with 0. */
function start(command, args, log) {
  return new Promise(resolve => {
    const output = log ? openSync(log, 'w') : 'inherit'
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', output, output] })
    if (log) closeSync(output)
    child.once('error', error => {
      console.error(error.message)
      resolve(false)
    })
    child.once('exit', code => resolve(code === 0))
  })
}
