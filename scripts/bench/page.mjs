// The part of docs/performance.md that the bench writes.
import { writeFileSync } from 'node:fs'
import { figureOf, figures, ratioOf } from './figures.mjs'
import { shapes, titles } from './missions.mjs'
import { at } from './places.mjs'
import { plot } from './plot.mjs'
import { writeSection } from './section.mjs'
import { table } from './table.mjs'
import { variantNames, variants } from './variants.mjs'

const all = Object.keys(shapes).flatMap(shape => variants.map(variant => ({ shape, variant })))

export function isWhole(results) {
  return all.every(({ shape, variant }) => figureOf(results, shape, variant, figures.wall) !== null)
}

export function tableOf(results) {
  const head = [
    ...['mission', 'orchestrator', 'runs', 'wall s', 'of the reference', 'host calls', 'CPU s: orchestrator', 'host'],
    ...['git, agents', 'peak MB: orchestrator', 'warm host'],
  ]
  const rows = all.flatMap(({ shape, variant }) => {
    const figure = of => figureOf(results, shape, variant, of)
    const wall = figure(figures.wall)
    if (wall === null) return []
    const ratio = variant === 'reference' ? null : ratioOf(results, shape, variant)
    const texts = [figures.own, figures.host, figures.rest].map(of => spread(figure(of), 1))
    const peaks = [figures.ownPeak, figures.helperPeak].map(of => spread(figure(of), 0))
    const name = variantNames[variant]
    const calls = spread(figure(figures.calls), 0)
    return [[titles[shape], name, wall.count, spread(wall, 1), ratio?.toFixed(3) ?? '-', calls, ...texts, ...peaks]]
  })
  return table(head, rows)
}

function spread(figure, digits) {
  if (figure === null) return '-'
  const [median, least, most] = [figure.median, figure.least, figure.most].map(number => number.toFixed(digits))
  return least === most ? median : `${median} (${least}-${most})`
}

function callsTable({ runs }) {
  const commands = [...new Set(runs.flatMap(run => Object.keys(run.calls)))].toSorted()
  const rows = all.map(({ shape, variant }) => [
    ...[titles[shape], variantNames[variant]],
    ...commands.map(command =>
      spread(
        figureOf({ runs }, shape, variant, run => run.calls[command] ?? 0),
        0,
      ),
    ),
  ])
  return table(['mission', 'orchestrator', ...commands], rows)
}

export function limitTable(results) {
  const rows = Object.keys(shapes).flatMap(shape => {
    const figure = of => figureOf(results, shape, 'warm', of)
    const share = figure(figures.share)
    if (share === null) return []
    const percent = number => `${Math.round(100 * number)} %`
    const text = `${percent(share.median)} (${percent(share.least)}-${percent(share.most)})`
    return [[titles[shape], spread(figure(figures.limit), 1), spread(figure(figures.wall), 1), text]]
  })
  return table(['mission', 'limit s', 'wall s', 'limit of wall'], rows)
}

export function writePage(results) {
  writeFileSync(at('docs/performance.svg'), picture(results))
  writeSection('bench', pageOf(results))
}

function picture(results) {
  return plot({
    title: 'Wall time of a mission with instant agents',
    x: { categories: Object.values(titles) },
    y: { label: 'seconds (median, least and most)', scale: 'log' },
    series: variants.map(variant => ({
      name: variantNames[variant],
      points: Object.keys(shapes).map((shape, x) => {
        const { median, least, most } = figureOf(results, shape, variant, figures.wall)
        return { x, y: median, low: least, high: most }
      }),
    })),
  })
}

function pageOf(results) {
  const { machine, versions, command, startedAt } = results
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `## Against the reference

Each mission is driven by \`sko\` with a warm host (the default), by \`sko\` with \`host.warm: off\`, and by the Python package
\`spec-kitty-orchestrator\`, in turns. The agents take no time: a shell script that writes and commits one file and approves, the same
for all. So this is the time that the orchestrator and the host add to that of real agents. Medians, with the least and the most.

![Wall time by mission and orchestrator](performance.svg)

${tableOf(results)}

- Measured ${startedAt.slice(0, 10)} with \`${command}\` on ${machine.cores} cores of ${machine.model}, ${machine.memoryGb} GB, ${machine.system}.
- ${used.join(', ')}.
- Every run has a mission of its own, in coord topology; planning it is not measured. A run counts only if every WP is approved or done. The
  reference ends there, so \`sko\` is compared without its merge; "to the merge" shows what merge and acceptance add.
- Wall time is from the start of the orchestrator to the end of its process, the start of the warm host included.
- CPU time of the orchestrator is that of its process alone; that of the host is noted for each call by a shell around it, or, warm,
  that of the process that keeps it imported, with all its calls. The rest is git and the agents.
- Peak memory is the high-water mark of the resident set that the kernel keeps for the process.

### Host calls

${callsTable(results)}

### How much of it is ours

No orchestrator that makes the same changes through this host can be faster than the limit: the time of the calls that change
something, each from its start to its end, divided among the cores, and the agents of the WPs that wait for each other. This is for
the warm host.

${limitTable(results)}
`
}
