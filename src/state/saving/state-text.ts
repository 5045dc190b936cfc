import { createHash } from 'node:crypto'
import { z } from 'zod'
import { isRecord, type JsonRecord, parseJson } from '../../core/json.ts'
import { fromVersion1 } from '../migrate.ts'
import { type RunState, runState, stateVersion } from '../schema.ts'
import type { StateChange } from './state-parts.ts'

/**
 * The state file is the whole state, pretty-printed, and below it the changes since, one line each: a checksum, a blank
 * and a change as JSON. The checksum covers the one before it, so no line can be missing, except at the end.
 */
export interface Formatted {
  readonly text: string
  readonly checksum: string
}

/** The checksum detects a flipped bit inside a string, which is still valid JSON of the right shape. */
export function formatState(state: RunState): Formatted {
  const checksum = checksumOf(JSON.stringify(state))
  return { text: `${JSON.stringify({ ...state, checksum }, null, 2)}\n`, checksum }
}

/** `before` is the checksum of what it follows. */
export function formatChange(change: StateChange, before: string): Formatted {
  return formatLine(JSON.stringify(change), before)
}

export type ParsedState =
  | { readonly kind: 'loaded'; readonly state: RunState }
  /** `intactLines`: the state is valid up to there. */
  | { readonly kind: 'unreadable'; readonly reason: string; readonly intactLines: number | null }

/** Refuses anything that differs from what was written. A crash may have cut off the last line: it is left out. */
export function parseState(bytes: Buffer): ParsedState {
  const end = bytes.indexOf(endOfState)
  const length = end < 0 ? bytes.length : end + endOfState.length
  const file = parseObject(bytes.subarray(0, length))
  const lines = bytes.subarray(length).toString().split('\n')
  const hasChanges = lines.length > 1 || lines[0] !== ''
  if (file === null || (hasChanges && isOlder(file.version))) {
    return unreadable('it is not a JSON object, so it was cut off or overwritten')
  }
  const { checksum, ...content } = file
  if (typeof content.version === 'number' && content.version > stateVersion) {
    return unreadable(`a newer sko wrote it (state version ${content.version}, this one reads ${stateVersion})`)
  }
  if (content.version !== stateVersion && !isOlder(content.version)) {
    return unreadable(`its state version is unknown (this sko reads ${stateVersion})`)
  }
  if (checksum !== checksumOf(JSON.stringify(content))) {
    return unreadable('its checksum is wrong, so it was damaged or edited')
  }
  if (isOlder(content.version)) return validated(content.version === 1 ? fromVersion1(content) : fromVersion2(content))
  const { changed, good, before } = withChanges(content, checksum, lines)
  const state = validated(changed)
  const bad = lines[good] ?? ''
  if (state.kind === 'unreadable' || (good >= lines.length - 1 && !wasWhole(bad, before))) return state
  const intactLines = countLines(bytes.subarray(0, length)) + good
  return { ...unreadable(`its line ${intactLines + 1} was damaged or edited`), intactLines }
}

/** Nothing else in pretty-printed JSON looks like it, because line breaks in strings are escaped. */
const endOfState = '\n}\n'

const olderVersions: readonly unknown[] = [1, 2]

function isOlder(version: unknown): boolean {
  return olderVersions.includes(version)
}

/** Version 2 had no changes below the state: an older `sko` would offer a backup that lacks them. */
function fromVersion2(content: JsonRecord): JsonRecord {
  return { ...content, version: stateVersion }
}

/** `good`: how many of the lines are as they were written, from the first on. `before`: the checksum of the last one. */
function withChanges(content: JsonRecord, checksum: string, lines: readonly string[]) {
  const records = { ...(isRecord(content.workPackages) ? content.workPackages : {}) }
  let changed: JsonRecord = content
  let before = checksum
  let good = 0
  for (const line of lines) {
    const json = jsonOf(line)
    const expected = formatLine(json, before)
    const change = expected.text === `${line}\n` ? parseJson(json) : undefined
    if (!isRecord(change)) break
    Object.assign(records, change.workPackages)
    changed = { ...changed, ...change }
    before = expected.checksum
    good += 1
  }
  return { changed: { ...changed, workPackages: records }, good, before }
}

/** The last line is whole but for its end, which no crash changes into another sign. */
function wasWhole(line: string, before: string): boolean {
  const text = line.slice(0, -1)
  return formatLine(jsonOf(text), before).text === `${text}\n`
}

function jsonOf(line: string): string {
  return line.slice(checksumLength + 1)
}

function validated(content: JsonRecord): ParsedState {
  const parsed = runState.safeParse(content)
  if (parsed.success) return { kind: 'loaded', state: parsed.data }
  return unreadable(z.prettifyError(parsed.error).replace(/\s+/g, ' '))
}

function unreadable(reason: string) {
  return { kind: 'unreadable', reason, intactLines: null } as const
}

/** null: not JSON, not UTF-8, or not an object. */
function parseObject(bytes: Uint8Array): JsonRecord | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

function formatLine(json: string, before: string): Formatted {
  const checksum = checksumOf(`${before} ${json}`)
  return { text: `${checksum} ${json}\n`, checksum }
}

const checksumLength = 64

function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function countLines(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0)
}
