import { stateVersion } from './schema.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * Version 1 had no sessions, trees, checks or running time. Work without a known tree is done again: its commits still
 * exist, and the next attempt finds them.
 */
export function fromVersion1(content: Json): Json {
  const { workPackages, cooldowns } = content
  return {
    ...content,
    version: stateVersion,
    activeMs: 0,
    workPackages: isJson(workPackages) ? mapValues(workPackages, recordFromVersion1) : workPackages,
    cooldowns: isJson(cooldowns) ? mapValues(cooldowns, limitFromVersion1) : cooldowns,
  }
}

function recordFromVersion1(record: unknown): unknown {
  if (!isJson(record)) return record
  const { attempts, earlierFindings, work } = record
  return {
    ...record,
    attempts: each(attempts, attempt => ({ ...attempt, sessionId: null, resumedSession: null })),
    earlierFindings: each(earlierFindings, finding => ({ ...finding, raised: 1 })),
    refusedTrees: [],
    work: isJson(work) ? { ...work, tree: '', checks: null } : work,
  }
}

/** Version 1 stored its class only as text. */
function limitFromVersion1(cooldown: unknown): unknown {
  return isJson(cooldown) ? { ...cooldown, class: 'usage-limit' } : cooldown
}

function each(list: unknown, change: (item: Json) => Json): unknown {
  return Array.isArray(list) ? list.map((item: unknown) => (isJson(item) ? change(item) : item)) : list
}

function mapValues(object: Json, change: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
