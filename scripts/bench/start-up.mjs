// `npm run bench:start-up [runs]`: what a start of sko takes, against a start of Node that does nothing. Writes its section of
// docs/performance.md.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { spreadOf } from './figures.mjs'
import { at } from './places.mjs'
import { writeSection } from './section.mjs'
import { idleProject, projectWithRun } from './start-up-places.mjs'
import { table } from './table.mjs'

const runs = Number(process.argv[2] ?? 25)
// The same Node for all.
process.env.PATH = [dirname(process.execPath), process.env.PATH].join(delimiter)
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sko-start-up-')))
try {
  const commands = commandsIn(folder)
  writeSection('start-up', section(measured(commands)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function commandsIn(folder) {
  const sko = at('bin/sko.js')
  const idle = { cwd: idleProject(folder), env: process.env }
  const { repo, env } = projectWithRun(folder)
  return [
    { name: '`node -e 0`', command: ['node', '-e', '0'], exit: 0, ...idle },
    { name: '`sko --version`', command: [sko, '--version'], exit: 0, ...idle },
    { name: '`sko --help`', command: [sko, '--help'], exit: 0, ...idle },
    { name: '`sko status` without a run', command: [sko, 'status'], exit: 2, ...idle },
    { name: '`sko status` of a run of four WPs', command: [sko, 'status'], exit: 0, cwd: repo, env },
  ]
}

/** In turns, so that a slow minute of the machine slows all of them. The first turn only warms the caches. */
function measured(commands) {
  const results = commands.map(({ name }) => ({ name, wall: [], cpu: [] }))
  for (let turn = 0; turn <= runs; turn++) {
    for (const [index, command] of commands.entries()) {
      const { wallSeconds, totalCpuSeconds } = measureOnce(command)
      if (turn === 0) continue
      results[index].wall.push(1000 * wallSeconds)
      results[index].cpu.push(1000 * totalCpuSeconds)
    }
  }
  return results
}

function measureOnce({ name, command, exit, cwd, env }) {
  const report = join(folder, 'report.json')
  const args = [at('scripts/bench/measure.py'), report, '60', ...command]
  const { status } = spawnSync('python3', args, { cwd, env, stdio: 'ignore' })
  const result = JSON.parse(readFileSync(report, 'utf8'))
  if (status !== 0 || result.exit !== exit) throw new Error(`${name}: exit ${result.exit} in place of ${exit}`)
  return result
}

function section(results) {
  const [base] = results
  const rows = results.map(({ name, wall, cpu }) => [
    ...[name, spread(wall), ratio(wall, base.wall), spread(cpu), ratio(cpu, base.cpu)],
  ])
  return `## Start-up

${table(['command', 'wall ms', 'of the first', 'CPU ms', 'of the first'], rows)}

- Medians of ${runs} runs in turns, with the least and the most, by \`npm run bench:start-up\` on ${new Date().toISOString().slice(0, 10)}, with Node ${process.versions.node},
  ${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, and ${loadavg()[1].toFixed(0)} processes that wanted them.
- CPU time is that of all processes of the command: the shell of \`bin/sko.js\`, git and, for \`status\` of a run, a host that
  answers at once.
- \`--help\` and \`--version\` load no library but commander. Every other command loads what it needs when it runs.
- With Node 22.1 and newer, Node keeps the compiled code of commands ([SECURITY.md](../SECURITY.md)).`
}

function ratio(one, other) {
  return (spreadOf(one).median / spreadOf(other).median).toFixed(2)
}

function spread(numbers) {
  const [median, least, most] = Object.values(spreadOf(numbers)).map(number => number.toFixed(0))
  return `${median} (${least}-${most})`
}
