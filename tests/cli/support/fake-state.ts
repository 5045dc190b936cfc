import { z } from 'zod'

/** What the fake host remembers (`state.json`). */
export const fakeStateSchema = z.object({
  slug: z.string(),
  missionId: z.string().nullable(),
  topology: z.enum(['coord', 'lanes', 'legacy']),
  contractVersion: z.string(),
  cliVersion: z.string(),
  targetBranch: z.string(),
  wps: z.record(
    z.string(),
    z.object({
      lane: z.string(),
      dependencies: z.array(z.string()),
      /** `done` or `pending` */
      subtasks: z.record(z.string(), z.string()),
      laneId: z.string(),
    }),
  ),
  /** Moves have `to_lane`; annotations (`kind: "annotation"`: notes, subtask marks) have `delta`. */
  events: z.array(
    z.looseObject({
      wp_id: z.string(),
      actor: z.string(),
      from_lane: z.string().optional(),
      to_lane: z.string().optional(),
      force: z.boolean().optional(),
      reason: z.string().nullish(),
      delta: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  acceptances: z.array(z.object({ accepted_at: z.string(), accepted_by: z.string() })),
  merged: z.boolean(),
  /** Coord only: a merge has brought meta.json to the mission branch, so the mission can be accepted. */
  metaOnMission: z.boolean(),
})

export type FakeState = z.infer<typeof fakeStateSchema>

const callSchema = z.object({
  /** 1, 2, 3 … in the order in which the calls began. */
  n: z.number(),
  argv: z.array(z.string()),
  pid: z.number(),
  startedAt: z.string(),
  /** null: it never ended by itself. */
  endedAt: z.string().nullable().default(null),
  exit: z.number().nullable().default(null),
  /** `error_code` of the answer. */
  code: z.string().nullable().default(null),
  mutates: z.boolean(),
  /** The verb; `mark-status` for `agent tasks mark-status`. */
  command: z.string().nullable(),
  wp: z.string().nullable(),
  fault: z.string().nullable(),
})

export type FakeCall = z.infer<typeof callSchema>

/** Calls that began, each with its end if it had one. */
export function parseJournal(started: string, ended: string): readonly FakeCall[] {
  const ends = new Map(parseLines(ended).map(call => [call.n, call]))
  return parseLines(started)
    .map(call => ends.get(call.n) ?? call)
    .toSorted((a, b) => a.n - b.n)
}

/** The conditions that are given must all hold; used up after `times` calls, one unless said. */
export type Fault = {
  readonly call?: number
  readonly command?: string
  readonly wp?: string
  readonly times?: number
} & (
  | {
      readonly fault:
        | 'die-before'
        /** The effect is there, the answer is not. */
        | 'die-after'
        /** Of start-implementation: leaves a worktree without its files, the WP where it was. */
        | 'die-midway'
        | 'hang'
        | 'garbage'
        | 'html'
        | 'nothing'
        | 'traceback'
        /** These three answer wrongly after the effect. */
        | 'wrong-command'
        | 'success-without-data'
        | 'two-documents'
    }
  | { readonly fault: 'delay'; readonly ms: number }
  | { readonly fault: 'wait-file'; readonly path: string }
  | { readonly fault: 'exit'; readonly code: number }
  | { readonly fault: 'error'; readonly code: string; readonly message: string }
)

function parseLines(text: string): readonly FakeCall[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => callSchema.parse(JSON.parse(line)))
}
