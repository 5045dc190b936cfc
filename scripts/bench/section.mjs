import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { at } from './places.mjs'

/** Writes what stands in docs/performance.md between `<!-- name -->` and `<!-- /name -->`, and nothing else. */
export function writeSection(name, text) {
  const file = at('docs/performance.md')
  const page = existsSync(file) ? readFileSync(file, 'utf8') : '# Performance\n'
  writeFileSync(file, withSection(page, name, text))
}

export function withSection(page, name, text) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const section = `${begin}\n\n${text.trim()}\n\n${end}`
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n${section}\n`
  return page.slice(0, from) + section + page.slice(to + end.length)
}
