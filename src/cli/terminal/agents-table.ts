import type { DetectedAgent, FoundVersion } from '../../agents/detect/detect.ts'
import type { SignedIn } from '../../agents/detect/sign-in.ts'
import { table } from '../../core/format.ts'
import { oneLine } from '../../core/text.ts'
import type { Role } from '../../core/work-package/work-package.ts'

/** An agent as `sko agents` lists it. */
export interface ListedAgent extends DetectedAgent {
  readonly builtIn: boolean
  readonly roles: readonly Role[]
  readonly reviewerIsReadOnly: boolean
  /** False: switched off in `agents.settings`. */
  readonly enabled: boolean
  /** Its position in the configuration, counted from 1. */
  readonly uses: readonly { readonly role: Role; readonly place: number }[]
}

const head = ['agent', 'version', 'signed in', 'roles', 'as reviewer', 'used for', 'program']

/** A table, or one paragraph per agent when the table is wider than the terminal. `columns` null: no terminal. */
export function agentsTable(agents: readonly ListedAgent[], columns: number | null): string {
  const rows = agents.map(cells)
  const wide = table([head, ...rows])
  if (columns === null || wide.split('\n').every(line => line.length <= columns)) return wide
  const labels = head.slice(1)
  return rows
    .map(([id, ...values]) => {
      const lines = values.map((value, index) => [`  ${labels[index]}`, value]).filter(([, value]) => value !== '-')
      return `${id}\n${table(lines)}`
    })
    .join('\n\n')
}

function cells(agent: ListedAgent): readonly string[] {
  const installed = agent.program !== null
  return [
    agent.id,
    installed ? versionCell(agent.version) : 'not installed',
    installed ? signInCell(agent.signedIn) : '-',
    agent.roles.join(', '),
    agent.roles.includes('review') ? accessCell(agent) : '-',
    useCell(agent),
    installed ? oneLine(agent.program) : '-',
  ]
}

function accessCell({ reviewerIsReadOnly, builtIn }: ListedAgent): string {
  if (!reviewerIsReadOnly) return 'can write'
  return builtIn ? 'read-only' : 'read-only (as configured)'
}

export function versionCell(version: FoundVersion): string {
  switch (version.kind) {
    case 'not-asked':
      return 'not asked'
    case 'no-answer':
      return 'unknown'
    case 'unknown':
      return `unknown: ${version.said || 'no output'}`
    case 'known':
      if (version.status === 'outside') return `${version.version} (outside tested range)`
      return version.status === 'never-run' ? `${version.version} (untested)` : version.version
  }
}

export function signInCell({ answer, sign }: SignedIn): string {
  return answer === 'likely' ? `likely (${sign})` : answer
}

function useCell({ enabled, uses }: ListedAgent): string {
  const places = uses.map(({ role, place }) => `${role} ${ordinal(place)}`).join(', ')
  return enabled ? places || '-' : 'disabled'
}

function ordinal(place: number): string {
  const ending = { 1: 'st', 2: 'nd', 3: 'rd' }[place % 100 > 10 && place % 100 < 14 ? 0 : place % 10] ?? 'th'
  return `${place}${ending}`
}
