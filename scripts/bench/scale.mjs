// How decisions, saves and memory grow with the number of work packages. Writes its part of docs/performance.md.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { at } from './places.mjs'
import { plot } from './plot.mjs'
import { writeSection } from './section.mjs'
import { table } from './table.mjs'

const counts = [10, 100, 1_000, 5_000]
const shapes = ['wide', 'chain', 'layers']
const folder = at('.cache', 'scale')

mkdirSync(folder, { recursive: true })
const bundle = await rolldown({ input: at('tests', 'sim', 'scale-run.ts'), platform: 'node' })
await bundle.write({ dir: folder, format: 'esm' })

const results = shapes.flatMap(shape =>
  counts.map(count => {
    const args = [join(folder, 'scale-run.js'), String(count), shape, folder]
    const result = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
    if (result.notDone > 0) throw new Error(`${count} ${shape}: ${result.notDone} work packages are not done`)
    console.log(JSON.stringify(result))
    return result
  }),
)

const rows = results.map(({ count, shape, decisions, saves, bytesPerSave, peakMb }) => [
  ...[count, shape, decisions.p50.toFixed(2), decisions.p95.toFixed(2)],
  ...[saves.p50.toFixed(2), saves.p95.toFixed(2), bytesPerSave, peakMb],
])
const head = ['WPs', 'shape', 'decision CPU ms: p50', 'p95', 'save ms: p50', 'p95', 'bytes per save', 'peak MB']
const text = table(head, rows)
console.log(text)

const line = (name, of) => ({
  name,
  points: results.filter(({ shape }) => shape === 'layers').map(result => ({ x: result.count, y: of(result) })),
})
writeFileSync(
  at('docs', 'scale.svg'),
  plot({
    title: 'A decision and a save, by the number of work packages (layers)',
    x: { label: 'work packages', scale: 'log' },
    y: { label: 'milliseconds, p95', scale: 'log' },
    series: [line('decision', ({ decisions }) => decisions.p95), line('save', ({ saves }) => saves.p95)],
  }),
)
writeSection(
  'scale',
  `## Many work packages

![Time of a decision and of a save](scale.svg)

${text}

- By \`npm run bench:scale\` on ${new Date().toISOString().slice(0, 10)}, with Node ${process.versions.node}, ${availableParallelism()} cores of
  ${cpus()[0]?.model.trim()}, load ${loadavg()[0].toFixed(1)}.
- A decision: the processor time of what the loop computes when a WP has ended and the host was read, 400 times in a mission of which half is done. A chain
  has each WP after the one before, layers ten after each ten.
- A save: one record, synced to disk, 300 times. Bytes include those of the whole state, which is written from time to time.
- Peak memory is that of a process with the whole state, which drives 60 WPs in the simulator, the simulator included.
`,
)
