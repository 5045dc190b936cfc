import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isWpId } from '../../../src/core/ids.ts'
import { createHostClient } from '../../../src/host/client.ts'
import { laneEvents, laneOf, lanesOf } from './host-record.ts'
import { type RealMission, type RealMissionOptions, realMission } from './real-mission.ts'

const policy = {
  orchestrator_id: 'test',
  orchestrator_version: '1',
  agent_family: 'none',
  approval_mode: 'manual',
  sandbox_mode: 'workspace_write',
  network_mode: 'none',
  dangerous_flags: [],
  tool_restrictions: null,
}

function clientOf({ host, repo }: RealMission) {
  return createHostClient({ command: host, cwd: repo, actor: 'test', timeoutSeconds: 120 })
}

function firstOf({ workPackages }: RealMission) {
  const id = workPackages[0]?.id ?? ''
  if (!isWpId(id)) throw new Error(`no work package id: ${id}`)
  return id
}

describe('a seeded mission', () => {
  it.each<[RealMissionOptions, readonly string[]]>([
    [{ shape: 'diamond', topology: 'coord' }, ['WP01']],
    [{ shape: 'wide4', topology: 'lanes' }, ['WP01', 'WP02', 'WP03', 'WP04']],
    [{ shape: 'chain3', topology: 'legacy' }, ['WP01']],
    [{ shape: 'single', topology: 'coord', subtasks: [0] }, ['WP01']],
  ])('can be started: %o', async (options, ready) => {
    const seeded = await realMission(options)
    const { mission, repo } = seeded
    const client = clientOf(seeded)
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: repo, encoding: 'utf8' })).toBe('')
    const list = await client.listReady({ mission })
    expect(list).toMatchObject({ ok: true, data: { ready_work_packages: ready.map(wp_id => ({ wp_id })) } })

    const wpId = firstOf(seeded)
    const started = await client.startImplementation({ mission, wpId, policy })
    expect(started).toMatchObject({ ok: true, data: { to_lane: 'in_progress' } })
    expect(started.ok && existsSync(started.data.workspace_path)).toBe(true)
    expect(await laneOf(seeded, wpId)).toBe('in_progress')
    expect(laneEvents(seeded).at(-1)).toMatchObject({ wp_id: wpId, to_lane: 'in_progress', force: false })
  })

  it.each(['coord', 'lanes', 'legacy'] as const)('puts a diamond with shared files in one lane: %s', async topology => {
    const seeded = await realMission({ shape: 'diamond', topology, sharedLanes: true })
    const ids = seeded.workPackages.map(({ id }) => id).filter(isWpId)
    const client = clientOf(seeded)
    const places = await Promise.all(ids.map(wpId => client.resolveWorkspace({ mission: seeded.mission, wpId })))
    expect(places.map(place => place.ok && place.data.lane_id)).toEqual(ids.map(() => 'lane-a'))
    expect(await lanesOf(seeded)).toEqual(Object.fromEntries(ids.map(id => [id, 'planned'])))
  })
})
