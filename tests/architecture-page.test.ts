import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lanes } from '../src/core/mission/lane.ts'

const root = join(import.meta.dirname, '..')
const page = read('docs/architecture.md')
const [layers = '', steps = ''] = [...page.matchAll(/```mermaid\n([\s\S]*?)```/g)].map(([, drawing]) => drawing)

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function all(pattern: RegExp, text: string): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, found = '']) => found))].toSorted()
}

/** Moves that are no step of a WP: of a person, of the host, of the combined-result gate. */
const noSteps: readonly string[] = ['sko retry', "the host's merge", 'sent back']

describe('docs/architecture.md', () => {
  it('names files and folders that exist', () => {
    const paths = all(/`([^`\n]+)`/g, page.replace(/```[\s\S]*?```/g, '')).filter(name => /^(?:src|tests)\//.test(name))
    expect(paths.length).toBeGreaterThan(25)
    expect(paths.filter(path => !existsSync(join(root, path)))).toEqual([])
  })

  it('draws every folder of src as a layer', () => {
    const folders = readdirSync(join(root, 'src')).filter(name => !name.endsWith('.ts'))
    const boxes = all(/\["([^:"]+)/g, layers).flatMap(box => box.split(', '))
    expect(boxes.toSorted()).toEqual(folders.toSorted())
  })

  it('draws lanes of the host, and steps that there are', () => {
    const drawn = [...new Set(steps.match(/(?<=--> |^ {2})\w+/gm))].filter(lane => lane !== 'stateDiagram')
    expect(drawn.filter(lane => !lanes.some(known => known === lane))).toEqual([])
    const kinds = all(/kind: '([^']+)'/g, read('src/core/work-package/step.ts'))
    const labels = all(/: (.+)$/gm, steps).filter(label => !noSteps.includes(label))
    const taken = labels.flatMap(label => label.replace(/ \(.*/, '').split(', '))
    expect(taken.length).toBeGreaterThan(8)
    expect(taken.filter(step => !kinds.includes(step))).toEqual([])
  })

  it('has a row for every port', () => {
    const [, ports = ''] = /export interface Ports \{([\s\S]*?)^\}/m.exec(read('src/run/ports.ts')) ?? []
    const [, table = ''] = /^## Ports\n([\s\S]*?)\n\n[^|]/m.exec(page) ?? []
    expect(all(/^\| `(\w+)`/gm, table)).toEqual(all(/readonly (\w+):/g, ports))
  })
})
