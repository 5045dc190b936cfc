// npm run bench: sko with a warm and a cold host, and the Python reference, on the same missions of the real host, with
// agents that take no time. docs/performance.md says what is measured, and is written by a whole bench.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { joined } from './figures.mjs'
import { circumstances } from './machine.mjs'
import { createMissions, shapes, titles } from './missions.mjs'
import { isWhole, limitTable, tableOf, writePage } from './page.mjs'
import { at } from './places.mjs'
import { importSources, prepareReference } from './prepare.mjs'
import { runOnce } from './run.mjs'
import { createVariants, variantNames, variants } from './variants.mjs'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    shapes: { type: 'string', default: Object.keys(shapes).join(',') },
    variants: { type: 'string', default: variants.join(',') },
    out: { type: 'string' },
    /** Measures nothing, but takes the raw results of earlier benches: --join a.json b.json */
    join: { type: 'boolean', default: false },
  },
})

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort())
const results = options.join ? joined(positionals.map(file => JSON.parse(readFileSync(file, 'utf8')))) : await bench()
save(results)
console.log(`\n${tableOf(results)}\n\nWith the warm host:\n\n${limitTable(results)}`)
if (isWhole(results)) writePage(results)
else console.log('\ndocs/performance.md is written when each variant was run on each shape (or --join of such runs).')

async function bench() {
  const wanted = { shapes: chosen('shapes', shapes), variants: chosen('variants', variantNames) }
  const repetitions = Number(options.runs)
  if (!Number.isInteger(repetitions) || repetitions < 1) throw new Error('--runs takes a number')
  const sources = await importSources()
  const { command: host } = await sources.ensureHost({ folder: at('.cache', 'host'), report: console.log })
  const python = join(host, '..', 'python')
  const reference = prepareReference(python)
  const scratch = mkdtempSync(join(tmpdir(), 'sko-bench-'))
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }))
  const warm = sources.openWarmHost({
    ...{ command: host, cwd: scratch, env: sources.hostEnvironment(process.env, host, scratch) },
  })
  try {
    const missions = createMissions(scratch, { host, makeCall: warm.call, seedMission: sources.seedMission })
    const variants = createVariants(scratch, { host, reference })
    const place = { scratch, python, missions, lanesOf, variants, stopping: stopping.signal }
    const results = { ...circumstances({ host, reference, python, flags: flagsOf(wanted, repetitions) }), runs: [] }
    await runAll(wanted, repetitions, place, run => {
      results.runs.push(run)
      // After each one: a bench takes long, and may be stopped.
      save(results)
    })
    return results
  } finally {
    warm.close()
  }

  /** Asks the host, after the run. */
  async function lanesOf(cwd, mission) {
    const actor = 'sko-bench'
    const client = sources.createHostClient({ command: host, cwd, actor, timeoutSeconds: 300, makeCall: warm.call })
    const answer = await client.missionState({ mission })
    if (!answer.ok) throw new Error(`mission-state: ${answer.message}`)
    return answer.data.work_packages
  }
}

function flagsOf({ shapes, variants }, repetitions) {
  return [`--runs ${repetitions}`, `--shapes ${shapes.join(',')}`, `--variants ${variants.join(',')}`]
}

/** In turns, and each time in another order: what disturbs the machine for a while then disturbs all of them. */
async function runAll(wanted, repetitions, place, onRun) {
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const shape of wanted.shapes) {
      const order = wanted.variants.map((_, index, all) => all[(index + repetition) % all.length])
      for (const variant of order) {
        if (stopping.signal.aborted) {
          process.exitCode = 1
          return
        }
        const name = `${titles[shape]}, ${variantNames[variant]}, ${repetition + 1} of ${repetitions}`
        try {
          const run = await runOnce({ shape, variant }, place)
          onRun(run)
          console.log(`${name}: ${run.wallSeconds.toFixed(1)} s`)
        } catch (error) {
          console.error(`${name}: not counted: ${error.message}`)
          process.exitCode = 1
        }
      }
    }
  }
}

function save(results) {
  if (options.out) writeFileSync(options.out, `${JSON.stringify(results, null, 1)}\n`)
}

function chosen(option, known) {
  const names = options[option].split(',')
  const unknown = names.filter(name => !Object.hasOwn(known, name))
  if (unknown.length > 0)
    throw new Error(`--${option}: ${unknown.join(', ')}; known are ${Object.keys(known).join(', ')}`)
  return names
}
