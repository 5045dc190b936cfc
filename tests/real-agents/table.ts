import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { type CaseName, caseNames } from './rig.ts'

interface Cell {
  readonly text: string
  /** Below the table. */
  readonly note: string | null
}

/** Prints each cell when it is known, and agent x case when all is over, whatever failed. */
export default class AgentTable implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const { cell } = test.meta()
    if (cell) console.log(`${cell.agent}, ${cell.name}: ${cellOf(test).text}`)
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(module => [...module.children.allTests()])
    const cells = new Map(tests.flatMap(test => (test.meta().cell ? [[keyOf(test), cellOf(test)] as const] : [])))
    const outside = tests.flatMap(test => test.meta().notApplicable ?? [])
    if (outside.length === 0) return
    const agents = outside.map(({ agent }) => agent)
    const row = (name: CaseName) =>
      outside.map(({ agent, reasons }) => cells.get(`${agent} ${name}`)?.text ?? (reasons?.[name] ? 'n/a' : '-'))
    const rows = caseNames.map(name => [name, ...row(name)])
    const reasons = caseNames.flatMap(name =>
      outside.flatMap(({ agent, reasons }) =>
        reasons?.[name] ? [[`n/a, ${reasons[name]}`, agent, name] as const] : [],
      ),
    )
    const notes = [...cells].flatMap(([key, { note }]) => {
      const [agent = '', ...words] = key.split(' ')
      return note ? [[`${words.join(' ')} ends as ${note}`, agent, null] as const] : []
    })
    console.log(`\n${aligned([['', ...agents], ...rows])}\n`)
    for (const line of grouped([...notes, ...reasons])) console.log(line)
  }
}

function keyOf(test: TestCase): string {
  const { cell } = test.meta()
  return `${cell?.agent} ${cell?.name}`
}

function cellOf(test: TestCase): Cell {
  const { seconds = 0, note = null } = test.meta().cell ?? {}
  const word = test.result().state === 'passed' ? 'pass' : 'FAIL'
  return { text: `${word} ${seconds.toFixed(1).padStart(4)} s`, note }
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? []
  return rows
    .map(row =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join(' | ')
        .trimEnd(),
    )
    .join('\n')
}

/** One line per reason, with whom it concerns. */
function grouped(notes: readonly (readonly [string, string, CaseName | null])[]): readonly string[] {
  const reasons = [...new Set(notes.map(([reason]) => reason))]
  return reasons.map(reason => {
    const concerned = notes.filter(([other]) => other === reason)
    const agents = [...new Set(concerned.map(([, agent]) => agent))]
    const names = [...new Set(concerned.flatMap(([, , name]) => name ?? []))]
    return `${reason}: ${agents.join(', ')}${names.length > 0 ? ` (${names.join('; ')})` : ''}`
  })
}
