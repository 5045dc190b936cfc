import { shellWord } from '../text.ts'

/**
 * Fields of a mission's `meta.json` that the host (3.2.7) asks for when it accepts the mission, and never before. Older
 * versions of it wrote missions without some of them.
 */
const asked = ['created_at', 'friendly_name', 'mission_slug', 'mission_type', 'slug', 'target_branch'] as const
export type MissionField = (typeof asked)[number]

/** Decided by the slug: slugs of later versions end in eight characters of the id, and those missions are complete. */
export function mayLackFields(slug: string): boolean {
  return !/-[0-9A-HJKMNP-TV-Z]{8}$/.test(slug)
}

/** The fields that are missing or empty. */
export function lackingIn(meta: unknown): readonly MissionField[] {
  const fields = new Map<string, unknown>(typeof meta === 'object' && meta !== null ? Object.entries(meta) : [])
  return asked.filter(field => !fields.get(field))
}

/** The fields that the host names when it refuses to accept: `Missing or empty required field: slug; …`. */
export function lackingBy(refusal: string): readonly MissionField[] {
  const named = new Set([...refusal.matchAll(/Missing or empty required field: (\w+)/g)].map(([, field]) => field))
  return asked.filter(field => named.has(field))
}

export interface Completion {
  readonly metaFile: string
  readonly fields: readonly MissionField[]
  readonly mission: string
  /** The target branch, if it is known. */
  readonly branch: string | null
  /** ISO 8601 */
  readonly now: string
}

/** Sets a field only if it is missing or empty. */
const script = [
  'const fs = require("fs"), [, file, fields] = require("process").argv',
  'const meta = JSON.parse(fs.readFileSync(file, "utf8"))',
  'for (const [name, value] of Object.entries(JSON.parse(fields))) meta[name] ||= value',
  'fs.writeFileSync(file, JSON.stringify(meta, null, 2) + "\\n")',
].join('; ')

/** The command that fills them in and commits the file: the mission is the user's, so we do not run it. */
export function completeFields({ metaFile, fields, mission, branch, now }: Completion): string {
  const values: Readonly<Record<MissionField, string>> = {
    created_at: now,
    friendly_name: mission,
    mission_slug: mission,
    mission_type: 'software-dev',
    slug: mission,
    target_branch: branch ?? 'main',
  }
  const added = JSON.stringify(Object.fromEntries(fields.map(field => [field, values[field]])))
  const here = `git -C ${shellWord(metaFile.slice(0, metaFile.lastIndexOf('/')))}`
  return [
    `node -e ${shellWord(script)} ${shellWord(metaFile)} ${shellWord(added)}`,
    `${here} add -- meta.json`,
    `${here} commit --quiet -m 'Complete meta.json' -- meta.json`,
  ].join(' && ')
}
