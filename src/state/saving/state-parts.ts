import type { WpRecord } from '../../core/work-package/work-package.ts'
import type { RunState } from '../schema.ts'

/** What a save changes. A given record replaces that of the same WP; of any other field the whole value is replaced. */
export type StateChange = Partial<RunState>

/** The state of a run, of which one record changes without a copy of all the others. */
export interface StateParts {
  fields(): Omit<RunState, 'workPackages'>
  records(): readonly WpRecord[]
  state(): RunState
  apply(change: StateChange): void
}

export function createStateParts(initial: RunState): StateParts {
  const records = new Map(Object.entries<WpRecord>(initial.workPackages))
  let fields: RunState = { ...initial, workPackages: {} }
  return {
    fields: () => fields,
    records: () => [...records.values()],
    state: () => ({ ...fields, workPackages: Object.fromEntries(records) }),
    apply: ({ workPackages = {}, ...changed }) => {
      fields = { ...fields, ...changed }
      for (const record of Object.values<WpRecord>(workPackages)) records.set(record.wpId, record)
    },
  }
}
