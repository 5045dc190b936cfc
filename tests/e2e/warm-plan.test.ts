import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startSko } from '../cli/support/run-sko.ts'
import { pythonStarts } from './support/python-starts.ts'
import { realHost } from './support/real-host.ts'
import { realScenario } from './support/scenario.ts'

it('a plan, which asks the host for each WP, imports it once', async () => {
  const scenario = await realScenario({
    shape: 'wide4',
    topology: 'coord',
    config: `host: {command: '${realHost()}'}\n`,
  })
  const folder = mkdtempSync(join(tmpdir(), 'sko-e2e-plan-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const starts = pythonStarts(folder)
  const place = { ...scenario, env: { ...scenario.env, PYTHONPATH: starts.path } }
  const plan = (...args: readonly string[]) => startSko(place, [...args, '--mission', scenario.mission]).exited

  const planned = await plan('plan')
  expect([planned.exitCode, planned.stderr, starts.take()]).toEqual([0, '', 1])
  const dry = await plan('orchestrate', '--dry-run')
  expect([dry.exitCode, dry.stdout, starts.take()]).toEqual([0, planned.stdout, 1])
  await scenario.configure(`host: {command: '${realHost()}', warm: off}\n`)
  const cold = await plan('plan')
  expect([cold.exitCode, cold.stdout]).toEqual([0, planned.stdout])
  expect(starts.take()).toBeGreaterThan(5)
})
