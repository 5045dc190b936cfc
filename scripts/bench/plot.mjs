// Draws the charts of docs/performance.md, as SVG without any library.

const size = { width: 760, height: 420, left: 64, right: 20, top: 64, bottom: 52 }
const colours = ['#2f7d4f', '#2b6cb0', '#b7562b', '#7a4fa3']
const style = `text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:15px;font-weight:600}.grid{stroke:#ddd}
@media(prefers-color-scheme:dark){text{fill:#ccc}.grid{stroke:#444}}`

/**
 * `x` is `{ categories }`, and a point's x is the index of one, or `{ label, scale }`, and the points are joined by
 * lines. A scale is `log` or `linear`. `low` and `high` of a point are drawn as a line through it. Values are above 0 on
 * a log scale.
 *
 * @param {{
 *   title: string,
 *   x: { categories: string[] } | { label: string, scale: 'log' | 'linear' },
 *   y: { label: string, scale: 'log' | 'linear' },
 *   series: { name: string, points: { x: number, y: number, low?: number, high?: number }[] }[],
 * }} chart
 * @returns {string}
 */
export function plot({ title, x, y, series }) {
  const points = series.flatMap(one => one.points)
  const bottom = size.height - size.bottom
  const yAxis = axis(
    y.scale,
    points.flatMap(({ y, low = y, high = y }) => [low, high]),
    [bottom, size.top],
  )
  const xAxis = x.categories
    ? null
    : axis(
        x.scale,
        points.map(point => point.x),
        [size.left + 12, size.width - size.right],
      )
  const placed = series.map(({ name, points }, index) => ({
    name,
    colour: colours[index % colours.length],
    points: points.map(point => ({
      ...point,
      at: xAxis ? xAxis.at(point.x) : slot(x.categories, point.x, index, series.length),
    })),
  }))
  const parts = [
    text(size.left, 22, title, 'class="title"'),
    ...legend(placed),
    text(
      16,
      (bottom + size.top) / 2,
      y.label,
      `text-anchor="middle" transform="rotate(-90 16 ${(bottom + size.top) / 2})"`,
    ),
    ...yAxis.ticks.flatMap(tick => horizontal(tick, yAxis.at(tick))),
    ...(xAxis ? xTicks(x, xAxis, bottom) : categoryNames(x.categories, bottom)),
    ...placed.flatMap(one => drawn(one, yAxis, xAxis !== null)),
  ]
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img">`
  return `${open}\n<title>${escaped(title)}</title>\n<style>${style}</style>\n${parts.join('\n')}\n</svg>\n`
}

function axis(scale, values, [from, to]) {
  const most = Math.max(...values)
  const [first, last] = scale === 'log' ? decades(Math.min(...values), most) : [0, most]
  const of = scale === 'log' ? Math.log10 : value => value
  const share = value => (of(value) - of(first)) / (of(last) - of(first) || 1)
  const ticks = scale === 'log' ? logTicks(first, last) : linearTicks(most)
  return { ticks, at: value => from + (to - from) * share(value) }
}

/** The steps 1, 2, 5, 10, ... below the least and above the most value. */
function decades(least, most) {
  const steps = [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap(power => [1, 2, 5].map(step => step * 10 ** power))
  return [steps.findLast(step => step <= least) ?? least, steps.find(step => step > most) ?? most]
}

function logTicks(first, last) {
  const ticks = []
  for (let power = -3; power <= 8; power++) {
    for (const step of [1, 2, 5]) ticks.push(step * 10 ** power)
  }
  return ticks.filter(tick => tick >= first * 0.999 && tick <= last * 1.001)
}

function linearTicks(most) {
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough) ?? rough
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step)
}

/** Where a series has its point in a category: side by side. */
function slot(categories, category, index, count) {
  const width = (size.width - size.left - size.right) / categories.length
  return size.left + width * (category + (index + 0.7) / (count + 0.4))
}

function legend(placed) {
  return placed.flatMap(({ name, colour }, index) => {
    const x = size.left + index * 150
    return [`<circle cx="${x + 5}" cy="40" r="5" fill="${colour}"/>`, text(x + 16, 44, name)]
  })
}

function horizontal(tick, y) {
  const line = `<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${round(y)}" y2="${round(y)}"/>`
  return [line, text(size.left - 8, y + 4, label(tick), 'text-anchor="end"')]
}

function xTicks({ label: words }, xAxis, bottom) {
  const ticks = xAxis.ticks.map(tick => text(xAxis.at(tick), bottom + 20, label(tick), 'text-anchor="middle"'))
  return [...ticks, text((size.left + size.width - size.right) / 2, bottom + 42, words, 'text-anchor="middle"')]
}

function categoryNames(categories, bottom) {
  const width = (size.width - size.left - size.right) / categories.length
  return categories.map((name, index) =>
    text(size.left + width * (index + 0.5), bottom + 20, name, 'text-anchor="middle"'),
  )
}

function drawn({ colour, points }, yAxis, joins) {
  const line = points.map(({ at, y }) => `${round(at)},${round(yAxis.at(y))}`).join(' ')
  const joined = joins ? [`<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"/>`] : []
  return joined.concat(points.flatMap(point => pointDrawn(point, colour, yAxis, joins)))
}

function pointDrawn({ at, y, low = y, high = y }, colour, yAxis, joins) {
  const [top, bottom] = [yAxis.at(high), yAxis.at(low)].map(round)
  const reach = `<line x1="${round(at)}" x2="${round(at)}" y1="${top}" y2="${bottom}" stroke="${colour}" stroke-width="2"/>`
  const dot = `<circle cx="${round(at)}" cy="${round(yAxis.at(y))}" r="${joins ? 3 : 5}" fill="${colour}"/>`
  return [...(low < high ? [reach] : []), dot, ...(joins ? [] : [text(at, top - 10, label(y), 'text-anchor="middle"')])]
}

function label(value) {
  const digits = value >= 10 ? 0 : value >= 1 ? 1 : 3
  return String(Number(value.toFixed(digits)))
}

function text(x, y, words, attributes = '') {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped(words)}</text>`
}

function escaped(words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function round(number) {
  return Math.round(number * 10) / 10
}
