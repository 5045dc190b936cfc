import * as z from 'zod'

/** What the program in bin/warm-host.py says, one JSON object a line. */
const callAnswer = z.union([
  z.strictObject({ id: z.int(), started: z.int().positive() }),
  z.strictObject({ id: z.int(), refused: z.string() }),
  z.strictObject({ id: z.int(), exit: z.int() }),
  z.strictObject({ id: z.int(), signal: z.int() }),
])

const answer = z.union([
  callAnswer,
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({
    cold: z.enum(['no-package', 'not-in-record', 'import-failed', 'side-effects', 'prints', 'threads']),
    detail: z.string().nullable(),
  }),
])

export type CallAnswer = z.infer<typeof callAnswer>

/** null: it is none, so the program is not what it should be. */
export function readAnswer(line: string): z.infer<typeof answer> | null {
  try {
    return answer.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}

export interface Request {
  readonly args: readonly string[]
  readonly cwd: string
  /** How the environment differs from that of the helper. */
  readonly set: Readonly<Record<string, string>>
  readonly unset: readonly string[]
  readonly mutates: boolean
  /** Whether git may start merge drivers in it, which are then forks too. */
  readonly merges: boolean
  readonly stdout: ExistingFile
  readonly stderr: ExistingFile
}

export interface ExistingFile {
  readonly path: string
  /** The file is refused if it is another one by then. */
  readonly inode: string
}

/** Other programs get a text from Node as UTF-8, where a lone surrogate cannot be expressed. */
export function requestLine(id: number, request: Request): string {
  return `${JSON.stringify({ id, ...request }, (_, value) =>
    typeof value === 'string' ? Buffer.from(value).toString() : value,
  )}\n`
}
