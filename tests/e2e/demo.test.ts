import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { runSko, startSko } from '../cli/support/run-sko.ts'
import { laneEvents } from './support/host-record.ts'

it('the demo ends with five work packages done, merged and accepted, one of them in its second cycle', async () => {
  const repo = await mkdtemp(join(tmpdir(), 'sko-e2e-demo-'))
  onTestFinished(() => rm(repo, { recursive: true, force: true, maxRetries: 5 }))
  const place = { repo, env: {}, journal: async () => [] }

  const sko = startSko(place, ['demo', '--host', inject('warmHost'), '--folder', repo], { cwd: tmpdir() })
  const result = await sko.exited

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  const finished = z
    .object({
      mission: z.string(),
      merged: z.boolean(),
      accepted: z.boolean(),
      workPackages: z.array(z.object({ wpId: z.string(), lane: z.string(), cycles: z.number() })),
    })
    .parse(result.events().find(event => event.type === 'run-finished'))
  expect(finished).toMatchObject({ merged: true, accepted: true })
  const ids = ['WP01', 'WP02', 'WP03', 'WP04', 'WP05']
  expect(finished.workPackages).toEqual(ids.map(wpId => ({ wpId, lane: 'done', cycles: wpId === 'WP03' ? 2 : 1 })))
  expect(result.stdout).toContain('5 of 5 work packages approved or done, merged, accepted')

  const moves = laneEvents({ repo, mission: finished.mission })
  const last = ids.map(id => moves.findLast(move => move.wp_id === id)?.to_lane)
  expect(last).toEqual(ids.map(() => 'done'))
  const rejections = moves.filter(move => move.review_result?.verdict === 'changes_requested')
  expect(rejections.map(move => [move.wp_id, move.to_lane])).toEqual([['WP03', 'in_progress']])
  expect(moves.filter(move => move.force)).toEqual([])

  const explained = await runSko(place, ['explain', 'WP03'])
  expect([explained.exitCode, explained.stderr]).toEqual([0, ''])
  const told = [
    /WP03 \(planned\) waits for WP01 \(planned\) \[until /,
    /WP03 \(planned\) starts after WP01 \(approved\)/,
    /WP03 \(in_review, cycle 1\) chooses: review by scripted -> attempt 2: changes_requested, 1 finding\n/,
    /WP03 \(in_review, cycle 1\) chooses: reject -> in_progress\n/,
    /WP03 \(in_review, cycle 2\) chooses: approve -> approved\n/,
    /\d+ decisions; the rules of this version choose the same in each\n$/,
  ]
  for (const line of told) expect(explained.stdout).toMatch(line)
})
