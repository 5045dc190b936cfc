import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'

const shapes = ['single', 'chain4', 'wide4', 'diamond', 'wide12']

interface Run {
  readonly shape: string
  readonly variant: string
  readonly wallSeconds: number
  readonly ownCpuSeconds?: number | null
}

/** The raw results of a bench. */
function resultsOf(runs: readonly Run[], more: object = {}) {
  return {
    startedAt: '2026-11-30T07:00:00.000Z',
    command: 'npm run bench',
    machine: { cores: 2, model: 'a processor', memoryGb: 8, system: 'linux 6', loadBefore: 0 },
    versions: { sko: '0123456789' },
    ...more,
    runs: runs.map(run => ({
      ...{ ownCpuSeconds: 1, hostCpuSeconds: 2, totalCpuSeconds: 4, ownPeakMb: 70, helperPeakMb: null },
      calls: { 'mission-state': 2, transition: 3 },
      limitSeconds: run.variant === 'warm' ? run.wallSeconds * 0.75 : null,
      ...run,
    })),
  }
}

/** A clone with the scripts of the bench alone. */
function clone() {
  const folder = mkdtempSync(join(tmpdir(), 'sko-bench-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync('scripts/bench', join(folder, 'scripts', 'bench'), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'docs'))
  const page = join(folder, 'docs', 'performance.md')
  const picture = join(folder, 'docs', 'performance.svg')
  return {
    page,
    picture,
    join: (...results: readonly object[]) => {
      const files = results.map((result, index) => {
        const file = join(folder, `${index}.json`)
        writeFileSync(file, JSON.stringify(result))
        return file
      })
      const script = join(folder, 'scripts', 'bench', 'bench.mjs')
      return execa(process.execPath, [script, '--join', ...files], { reject: false })
    },
  }
}

const all = (seconds: Readonly<Record<string, number>>) =>
  shapes.flatMap(shape => Object.entries(seconds).map(([variant, wallSeconds]) => ({ shape, variant, wallSeconds })))

describe('the results of several benches', () => {
  it('are shown as medians of all their runs, against the reference', async () => {
    const { join, page } = clone()
    const warm = (wallSeconds: number) => ({ shape: 'single', variant: 'warm', wallSeconds })
    const reference = { shape: 'single', variant: 'reference', wallSeconds: 40, ownCpuSeconds: null }

    const result = await join(resultsOf([warm(6), warm(4), reference]), resultsOf([warm(5)]))

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    const [figures = '', limits] = result.stdout.split('With the warm host:')
    expect(limits).toContain('| single  | 3.8 (3.0-4.5) | 5.0 (4.0-6.0) | 75 % (75 %-75 %) |')
    const rows = figures.split('\n').filter(line => line.startsWith('|'))
    expect(rows.map(row => row.length)).toEqual(rows.map(() => rows[0]?.length))
    const cells = rows.map(row => row.split('|').map(cell => cell.trim()))
    expect(cells.slice(2).map(row => row.slice(1, -1))).toEqual([
      ['single', 'sko, warm', '3', '5.0 (4.0-6.0)', '0.125', '5', '1.0', '2.0', '1.0', '70', '-'],
      ['single', 'reference', '1', '40.0', '-', '5', '-', '2.0', '-', '70', '-'],
    ])
    expect(existsSync(page)).toBe(false)
  })

  it('write their part of the page, and nothing else of it', async () => {
    const { join, page, picture } = clone()
    const others = '# Performance\n\n<!-- start-up -->\nfast\n<!-- /start-up -->\n'
    writeFileSync(page, others)
    const results = resultsOf(all({ warm: 5, cold: 20, merged: 7, reference: 100 }))

    expect(await join(results)).toMatchObject({ exitCode: 0, stderr: '' })
    const first = readFileSync(page, 'utf8')
    expect(await join(results)).toMatchObject({ exitCode: 0 })

    expect(readFileSync(page, 'utf8')).toBe(first)
    expect(first.startsWith(others)).toBe(true)
    expect(first).toContain('| wide 12 | 3.8     | 5.0    | 75 % (75 %-75 %) |')
    expect(readFileSync(picture, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
  })

  it('may have the reference from before a change of sko', async () => {
    const { join, page } = clone()
    const runs = all({ warm: 5, cold: 20, merged: 7, reference: 100 })
    const isReference = ({ variant }: Run) => variant === 'reference'
    const reference = resultsOf(runs.filter(isReference), { versions: { sko: 'another' } })

    const result = await join(reference, resultsOf(runs.filter(run => !isReference(run))))

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(readFileSync(page, 'utf8')).toContain('- sko 0123456789.')
  })

  it('are not mixed with those of another program', async () => {
    const { join, page } = clone()
    const runs = all({ warm: 5, cold: 20, merged: 7, reference: 100 })

    const result = await join(resultsOf(runs), resultsOf(runs, { versions: { sko: 'another' } }))

    expect(result.exitCode).toBe(1)
    expect(result.stderr).toContain('not of the same machine and versions')
    expect(existsSync(page)).toBe(false)
  })
})
