import { describe, expect, it } from 'vitest'
import { agentId } from '../../src/agents/agent-id.ts'
import { agentsTable, type ListedAgent } from '../../src/cli/terminal/agents-table.ts'

const claude: ListedAgent = {
  id: agentId('claude-code'),
  program: '/usr/bin/claude',
  version: { kind: 'known', version: '2.1.329', status: 'tested' },
  signedIn: { answer: 'likely', sign: 'SOME_KEY' },
  builtIn: true,
  roles: ['implementation', 'review'],
  reviewerIsReadOnly: true,
  enabled: true,
  uses: [
    { role: 'implementation', place: 1 },
    { role: 'review', place: 12 },
  ],
}
const missing: ListedAgent = {
  ...claude,
  id: agentId('codex'),
  program: null,
  version: { kind: 'not-asked' },
  signedIn: { answer: 'unknown', sign: null },
  reviewerIsReadOnly: false,
  uses: [],
}

const wide = [
  'agent        version        signed in          roles                   as reviewer  used for                          program',
  'claude-code  2.1.329        likely (SOME_KEY)  implementation, review  read-only     implementation 1st, review 12th  /usr/bin/claude',
  'codex        not installed  -                  implementation, review  can write     -                                -',
]

describe('the table of agents', () => {
  it.each([null, 200])('is as wide as it needs to be (%s columns)', columns => {
    const lines = agentsTable([claude, missing], columns).split('\n')

    expect(lines.map(line => line.split(/ {2,}/))).toEqual(wide.map(line => line.split(/ {2,}/)))
  })

  it('is a paragraph for each agent where the terminal is too narrow', () => {
    expect(agentsTable([claude, missing], 60)).toBe(`claude-code
  version      2.1.329
  signed in    likely (SOME_KEY)
  roles        implementation, review
  as reviewer  read-only
  used for     implementation 1st, review 12th
  program      /usr/bin/claude

codex
  version      not installed
  roles        implementation, review
  as reviewer  can write`)
  })

  it.each<[string, ListedAgent['version'], string]>([
    ['outside', { kind: 'known', version: '3.0.0', status: 'outside' }, '3.0.0 (outside tested range)'],
    ['never run', { kind: 'known', version: '3.0.0', status: 'never-run' }, '3.0.0 (untested)'],
    ["the user's own", { kind: 'known', version: '3.0.0', status: 'own' }, '3.0.0'],
    ['unknown', { kind: 'unknown', said: '2026.08.25-3e8eec8' }, 'unknown: 2026.08.25-3e8eec8'],
    ['not reported', { kind: 'unknown', said: '' }, 'unknown: no output'],
    ['no answer', { kind: 'no-answer', reason: 'gave no answer in time' }, 'unknown'],
    ['not asked', { kind: 'not-asked' }, 'not asked'],
  ])('shows a version that is %s', (_, version, cell) => {
    const [, row] = agentsTable([{ ...claude, version }], null).split('\n')

    expect(row?.split(/ {2,}/)[1]).toBe(cell)
  })

  it('tells what we know of a reviewer from what its user says of it', () => {
    expect(agentsTable([{ ...claude, builtIn: false }], null)).toContain('read-only (as configured)')
  })

  it('shows a path with control characters as one harmless line, and who is disabled', () => {
    const odd = agentsTable([{ ...claude, enabled: false, uses: [], program: '/a\u001b[2J\n/claude' }], null)

    expect(odd.split('\n')).toHaveLength(2)
    expect(odd).toMatch(/ disabled +\/a \/claude$/)
  })
})
