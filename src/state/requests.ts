import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { isWpId, type WpId } from '../core/ids.ts'
import { quote } from '../core/text.ts'
import { durableWrite, makeFolder, unwritable } from '../files/durable-write.ts'
import type { Answer, PersonRequest } from '../run/requests/requests.ts'

/**
 * Requests of commands to the running process, as files in `.kittify/orchestrator-requests`, each `<time>-<random>`:
 *
 * <id>.json: written by the command. The first to remove or rename it has it: the command to withdraw it, or the run to
 * carry it out.
 * <id>.taken: held by the run while it carries it out. One left by a dead run may not have been done.
 * <id>.answer: written by the run, read and removed by the command.
 */
const name = /^(\d{13}-[\da-f]{8})\.(json|taken|answer)$/
const requestVersion = 1
/** Linux allows an argument, such as a reason, of 128 KiB; escaped as JSON it is up to six times as long. */
const longestFile = 1024 * 1024

const wpId = z.custom<WpId>(value => typeof value === 'string' && isWpId(value), 'expected a work package id')
const version = z.literal(requestVersion)
const forWp = { version, wpId, reason: z.string().nullable() }
const requestFile = z.discriminatedUnion('kind', [
  z.object({ version, kind: z.literal('pause') }),
  z.object({ version, kind: z.literal('continue') }),
  z.object({ ...forWp, kind: z.literal('retry') }),
  z.object({ ...forWp, kind: z.literal('skip') }),
  z.object({ ...forWp, kind: z.literal('confirm'), commit: z.string() }),
])
const answerFile = z.object({ done: z.boolean(), message: z.string(), hint: z.string().nullable() })

export interface LeftRequest {
  readonly id: string
  /** A run had started to carry it out. */
  readonly taken: boolean
  /** null: it cannot be read, and `problem` says why. */
  readonly request: PersonRequest | null
  readonly problem: string | null
}

export function requestsFolder(kittify: string): string {
  return join(kittify, 'orchestrator-requests')
}

/** Returns its id. */
export async function leaveRequest(kittify: string, request: PersonRequest, now: number): Promise<string> {
  const id = `${String(now).padStart(13, '0')}-${randomBytes(4).toString('hex')}`
  makeFolder(requestsFolder(kittify), kittify)
  const content = { version: requestVersion, at: new Date(now).toISOString(), ...request }
  await durableWrite(pathOf(kittify, id, 'json'), `${JSON.stringify(content)}\n`, kittify)
  return id
}

/** False: the run already has it. */
export function withdrawRequest(kittify: string, id: string): boolean {
  const path = pathOf(kittify, id, 'json')
  if (!existsSync(path)) return false
  return moved(path, () => rmSync(path))
}

export function isTaken(kittify: string, id: string): boolean {
  return !existsSync(pathOf(kittify, id, 'json'))
}

/** null: not yet. */
export function readAnswer(kittify: string, id: string): Answer | null {
  const path = pathOf(kittify, id, 'answer')
  if (!existsSync(path)) return null
  const answer = answerFile.safeParse(readSmall(path))
  rmSync(path, { force: true })
  return answer.success ? answer.data : { done: false, message: 'its answer cannot be read', hint: 'sko status' }
}

/** The waiting requests, oldest first; from now on they belong to this run. Unreadable ones are removed. */
export function takeRequests(kittify: string): readonly LeftRequest[] {
  return entries(kittify).flatMap(({ id, kind, file }) => {
    if (kind !== 'json' && id !== null) return []
    const left = read(kittify, id, kind, file)
    if (id === null || left.request === null) return removed(join(requestsFolder(kittify), file)) ? [left] : []
    const path = pathOf(kittify, id, 'json')
    return moved(path, () => renameSync(path, pathOf(kittify, id, 'taken'))) ? [left] : []
  })
}

export async function answerRequest(kittify: string, id: string, answer: Answer): Promise<void> {
  await durableWrite(pathOf(kittify, id, 'answer'), `${JSON.stringify(answer)}\n`, kittify)
  rmSync(pathOf(kittify, id, 'taken'), { force: true })
}

/**
 * Called before a run starts: requests to a run that died are removed, returned, and answered, in case a command still
 * waits.
 */
export async function clearRequests(kittify: string, answer: Answer): Promise<readonly LeftRequest[]> {
  const cleared: LeftRequest[] = []
  for (const { id, kind, file } of entries(kittify)) {
    const left = read(kittify, id, kind, file)
    if (!removed(join(requestsFolder(kittify), file)) || kind === 'answer') continue
    cleared.push(left)
    if (id !== null && left.request !== null) await answerRequest(kittify, id, answer)
  }
  return cleared
}

function pathOf(kittify: string, id: string, kind: 'json' | 'taken' | 'answer'): string {
  return join(requestsFolder(kittify), `${id}.${kind}`)
}

interface Entry {
  readonly file: string
  /** null: not a name that sko uses. */
  readonly id: string | null
  readonly kind: string
}

/** Skips half-written files, which end in `.tmp` and belong to their writers. */
function entries(kittify: string): readonly Entry[] {
  const folder = requestsFolder(kittify)
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return namesIn(folder)
    .filter(file => !file.endsWith('.tmp'))
    .toSorted()
    .map(file => {
      const [, id = null, kind = ''] = name.exec(file) ?? []
      return { file, id, kind }
    })
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw unwritable(folder, error)
  }
}

function read(kittify: string, id: string | null, kind: string, file: string): LeftRequest {
  const left = { id: id ?? quote(file, 100), taken: kind === 'taken', request: null, problem: null }
  if (id === null) return { ...left, problem: 'sko does not use such a name' }
  const parsed = requestFile.safeParse(readSmall(join(requestsFolder(kittify), file)))
  if (!parsed.success) return { ...left, problem: quote(z.prettifyError(parsed.error)) }
  const { version: _, ...request } = parsed.data
  return { ...left, request }
}

/** undefined: gone, not a regular file, or longer than any request. */
function readSmall(path: string): unknown {
  try {
    const state = lstatSync(path)
    if (!state.isFile() || state.size > longestFile) return undefined
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** False for a folder, for example. It does no harm and is not reported at every look. */
function removed(path: string): boolean {
  try {
    rmSync(path, { force: true })
    return true
  } catch {
    return false
  }
}

/** False: another process was faster. */
function moved(path: string, move: () => void): boolean {
  try {
    move()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw unwritable(path, error)
  }
}
