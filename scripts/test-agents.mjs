// Runs all cases of the real agent CLIs against model servers on this machine: of all CLIs, or of those named. Run
// set-up.mjs and agent-clis.mjs first.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const args = ['vitest', 'run', '--project', 'agents', '--reporter=default', '--reporter=./tests/real-agents/table.ts']
const env = { ...process.env, SKO_FULL: '1', SKO_TEST_AGENTS: process.argv.slice(2).join(' ') }
const { status } = spawnSync('npx', ['--no', '--', ...args], { cwd: root, env, stdio: 'inherit' })
process.exitCode = status ?? 1
