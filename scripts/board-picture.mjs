// Draws docs/board.svg, the picture of the board in README. Given the folder of a demo's repository, it first takes over
// the events of that run: npm run demo; node scripts/board-picture.mjs /tmp/sko-demo-...
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [repo] = process.argv.slice(2)
if (repo !== undefined) record(resolve(repo))

// The board is TypeScript, so a test draws it; that test also finds a picture that is out of date.
const test = ['--project', 'unit', 'tests/report/board-picture.test.ts', '--update']
const { status } = spawnSync('npx', ['vitest', 'run', ...test], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)

/** Without the path of this machine. */
function record(folder) {
  const logs = join(folder, '.kittify', 'logs')
  const events = readFileSync(join(logs, readdirSync(logs).toSorted().at(-1), 'events.ndjson'), 'utf8')
  mkdirSync(join(root, 'fixtures', 'demo-run'), { recursive: true })
  writeFileSync(join(root, 'fixtures', 'demo-run', 'events.ndjson'), events.replaceAll(folder, '/home/you/greetings'))
}
