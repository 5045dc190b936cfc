import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { FakeMission } from './fake-mission.ts'
import { callOf, runHost } from './run-host.ts'

/** Brings a seeded mission into the state in which a recording was made. */
export type Prepare = (mission: FakeMission) => Promise<void>

export async function asSeeded(): Promise<void> {}

/** Recorded right after seeding. */
export function unprepared(...names: readonly string[]): readonly (readonly [string, Prepare])[] {
  return names.map(name => [name, asSeeded])
}

/** Puts the WP into a lane by the hand of an actor, past all rules. */
export function at(wpId: string, lane: string, actor = 'somebody'): Prepare {
  return mission =>
    mission.updateState(state => {
      const wp = state.wps[wpId]
      if (wp === undefined) throw new Error(`no ${wpId}`)
      state.events.push({ wp_id: wpId, actor, from_lane: wp.lane, to_lane: lane, force: false })
      wp.lane = lane
    })
}

/** Starts the WP for real, then commits or leaves a file. */
async function implement(mission: FakeMission, wpId: string, file: string, commit: boolean): Promise<void> {
  const answer = await runHost(mission, callOf(mission, 'start-implementation', wpId))
  if (answer.exitCode !== 0) throw new Error(answer.stdout + answer.stderr)
  const { wps } = await mission.state()
  const worktree = join(mission.repo, '.worktrees', `${mission.slug}-${wps[wpId]?.laneId}`)
  await writeFile(join(worktree, 'src', file), `${wpId}\n`)
  if (!commit) return
  await execa('git', ['add', '--all'], { cwd: worktree, env: mission.env })
  await execa('git', ['commit', '--quiet', '--message', `Do ${wpId}`], { cwd: worktree, env: mission.env })
}

export function dirtyWorktree(wpId: string): Prepare {
  return mission => implement(mission, wpId, 'left.txt', false)
}

export async function bothImplemented(mission: FakeMission): Promise<void> {
  await implement(mission, 'WP01', 'part01.txt', true)
  await implement(mission, 'WP02', 'part02.txt', true)
}

async function approve(mission: FakeMission): Promise<void> {
  await at('WP01', 'approved')(mission)
  await at('WP02', 'approved')(mission)
}

export async function bothApproved(mission: FakeMission): Promise<void> {
  await bothImplemented(mission)
  await approve(mission)
}

export async function merged(mission: FakeMission): Promise<void> {
  await bothApproved(mission)
  await runHost(mission, ['orchestrator-api', 'merge-mission', '--mission', mission.slug])
}

export async function acceptedOnce(mission: FakeMission): Promise<void> {
  await bothApproved(mission)
  await runHost(mission, ['orchestrator-api', 'accept-mission', '--mission', mission.slug, '--actor', 'orch'])
}

export async function dirtyMainTree(mission: FakeMission): Promise<void> {
  await bothApproved(mission)
  await writeFile(join(mission.repo, 'README.md'), 'changed\n')
}

export async function untrackedInTheWay(mission: FakeMission): Promise<void> {
  await bothApproved(mission)
  await writeFile(join(mission.repo, 'src', 'part01.txt'), 'mine\n')
}

export async function dirtyLane(mission: FakeMission): Promise<void> {
  await bothApproved(mission)
  await writeFile(join(mission.repo, '.worktrees', `${mission.slug}-lane-a`, 'src', 'lost.txt'), 'lost\n')
}

export async function laneConflict(mission: FakeMission): Promise<void> {
  await implement(mission, 'WP01', 'common.txt', true)
  await implement(mission, 'WP02', 'common.txt', true)
  await approve(mission)
}

/** Its remote takes nothing. */
export async function refusedPush(mission: FakeMission): Promise<void> {
  await bothApproved(mission)
  const remote = join(mission.repo, '.git', 'remote.git')
  await mission.git('init', '--quiet', '--bare', remote)
  await writeFile(join(remote, 'hooks', 'pre-receive'), '#!/bin/sh\necho refused >&2\nexit 1\n', { mode: 0o755 })
  await mission.git('remote', 'add', 'origin', remote)
}

export async function targetConflict(mission: FakeMission): Promise<void> {
  await bothApproved(mission)
  await writeFile(join(mission.repo, 'src', 'part01.txt'), 'mine\n')
  await mission.git('add', '--all')
  await mission.git('commit', '--quiet', '--message', 'Mine')
}

export async function approvedOnOtherBranch(mission: FakeMission): Promise<void> {
  await bothApproved(mission)
  await onOtherBranch(mission)
}

export async function onOtherBranch(mission: FakeMission): Promise<void> {
  await mission.git('checkout', '--quiet', '-b', 'other')
}

export async function detached(mission: FakeMission): Promise<void> {
  await mission.git('checkout', '--quiet', '--detach')
}

export async function indexLock(mission: FakeMission): Promise<void> {
  await at('WP01', 'in_progress')(mission)
  await writeFile(join(mission.repo, '.git', 'index.lock'), '')
}

export async function withoutCoordWorktree(mission: FakeMission): Promise<void> {
  await at('WP01', 'in_progress')(mission)
  await rm(join(mission.repo, '.worktrees', `${mission.slug}-coord`), { recursive: true })
}

export async function withoutLaneWorktree(mission: FakeMission): Promise<void> {
  await runHost(mission, callOf(mission, 'start-implementation', 'WP01', '--actor', 'impl'))
  await rm(join(mission.repo, '.worktrees', `${mission.slug}-lane-a`), { recursive: true })
}

export async function namesake(mission: FakeMission): Promise<void> {
  await mkdir(join(mission.repo, 'kitty-specs', 'demo-01M7OTHR'))
}
