import { isRecord, type JsonRecord } from '../../core/json.ts'
import { jsonRecords } from './output.ts'

/** What of a record stands at `usage.input_tokens` or `choices.0.text`: own names and list indexes, nothing inherited. */
function valueIn(record: JsonRecord, path: string): unknown {
  return path.split('.').reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return /^\d+$/.test(part) ? value[Number(part)] : undefined
    return isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined
  }, record)
}

/** Looks paths up in the JSON records of an output, each in the last one that has it; `undefined`: none has. */
export function lookUpIn(stdout: string): (path: string | null) => unknown {
  const records = jsonRecords(stdout)
  return path => {
    if (path === null) return undefined
    const values = records.map(record => valueIn(record, path))
    return values.findLast(value => value !== undefined)
  }
}
