import { isRecord, type JsonRecord } from '../../core/json.ts'
import { jsonRecords } from './output.ts'

/**
 * The value in a record at `usage.input_tokens` or `choices.0.text`. Only own properties and list indexes, nothing
 * inherited.
 */
function valueIn(record: JsonRecord, path: string): unknown {
  return path.split('.').reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return /^\d+$/.test(part) ? value[Number(part)] : undefined
    return isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined
  }, record)
}

/**
 * Returns a function that finds the value at a path in the last JSON record of an output that has it; `undefined`: none
 * has.
 */
export function lookUpIn(stdout: string): (path: string | null) => unknown {
  const records = jsonRecords(stdout)
  return path => {
    if (path === null) return undefined
    const values = records.map(record => valueIn(record, path))
    return values.findLast(value => value !== undefined)
  }
}
