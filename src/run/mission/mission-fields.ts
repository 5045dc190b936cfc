import { dirname, join } from 'node:path'
import type { WpId } from '../../core/ids.ts'
import { completeFields, lackingIn, type MissionField, mayLackFields } from '../../core/mission/mission-fields.ts'
import { missionIdIn } from '../../core/mission/mission-id.ts'
import type { NextCommand } from '../../core/next-command.ts'
import type { Clock } from '../clock.ts'
import { orNull } from '../git/git-outcome.ts'
import type { Workspace } from '../git/workspace.ts'
import type { HostClient } from '../host/host-client.ts'
import type { Mission } from './look.ts'

export interface Lacking {
  readonly fields: readonly MissionField[]
  /** Fills them in. */
  readonly next: NextCommand
}

export interface FieldsPorts {
  readonly host: Pick<HostClient, 'resolveWorkspace'>
  readonly workspace: Pick<Workspace, 'readPrompt'>
  readonly clock: Pick<Clock, 'now'>
}

/**
 * The fields that the host will require when it accepts the mission, checked early; null when none are missing or this is
 * not known. The host's own checks do not cover them, so the `meta.json` next to the WP files is read. `wpFile`: one of
 * the WP files, if it is known.
 */
export async function whatMissionLacks(
  ports: FieldsPorts,
  { slug, nodes }: Mission,
  branch: string | null,
  wpFile: string | null,
): Promise<Lacking | null> {
  const [first] = nodes
  if (!first || !mayLackFields(slug)) return null
  const file = wpFile ?? (await wpFileOf(ports, slug, first.wpId))
  return file === null ? null : lackingBeside(ports, file, { mission: slug, wpId: first.wpId, branch, named: [] })
}

export interface Refused {
  readonly mission: string
  readonly wpId: WpId
  readonly branch: string | null
  /** Fields that the host has named; its message may have been cut. */
  readonly named: readonly MissionField[]
}

/** The same after the host has refused. */
export async function lackingWith(ports: FieldsPorts, refused: Refused): Promise<Lacking | null> {
  const file = await wpFileOf(ports, refused.mission, refused.wpId)
  return file === null ? null : lackingBeside(ports, file, refused)
}

async function wpFileOf({ host }: FieldsPorts, mission: string, wpId: WpId): Promise<string | null> {
  const answer = await host.resolveWorkspace({ mission, wpId })
  return answer.ok ? answer.data.prompt_path : null
}

async function lackingBeside(
  ports: FieldsPorts,
  wpFile: string,
  { mission, branch, named }: Refused,
): Promise<Lacking | null> {
  const metaFile = metaFileOf(wpFile)
  const meta = await metaBeside(ports, wpFile)
  const fields = [...new Set([...named, ...(meta === null ? [] : lackingIn(meta))])]
  if (fields.length === 0) return null
  const now = new Date(ports.clock.now()).toISOString()
  const command = completeFields({ metaFile, fields, mission, branch, now })
  return { fields, next: { command, why: 'fills them in and commits the file' } }
}

/** The mission's `meta.json`, found relative to a WP file that the host has named; null when it cannot be read now. */
export async function metaBeside({ workspace }: Pick<FieldsPorts, 'workspace'>, wpFile: string): Promise<unknown> {
  const file = await orNull(workspace.readPrompt(metaFileOf(wpFile)))
  return file === null ? null : parsed(file)
}

/** The mission's ULID, which no answer of the host has; null when it has none, or when it cannot be read now. */
export async function missionIdBeside(ports: Pick<FieldsPorts, 'workspace'>, wpFile: string): Promise<string | null> {
  return missionIdIn(await metaBeside(ports, wpFile))
}

function metaFileOf(wpFile: string): string {
  return join(dirname(dirname(wpFile)), 'meta.json')
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return null
  }
}
