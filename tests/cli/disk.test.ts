import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cover } from '../in-full.ts'
import { expectNoStack, expectRefused } from './support/expect-refused.ts'
import { longest, onDisk, runOnFailingDisk } from './support/failing-disk.ts'
import { runSko, startSko } from './support/run-sko.ts'
import { createScenario, isAlive, lanesOf } from './support/scenario.ts'

describe('a disk that fails in the middle of a run', { timeout: 2 * longest }, () => {
  // tests/crash-long/disk-full.test.ts has every call.
  it.each(
    cover(1, [
      ['in the middle of a save', { n: 77, code: 'EIO', short: true }],
      ['in the middle of a change that is added to the state', { n: 68, code: 'EIO', short: true }],
      ['where the diagnosis is opened', { n: 14, code: 'ENOSPC' }],
      ['while an agent is running, with half a line written', { n: 49, code: 'ENOSPC', short: true }],
    ]),
  )('%s: the run ends with the path, and continues when there is room', async (_, fault) => {
    const { exitCode } = await runOnFailingDisk(fault)
    expect(exitCode).toBe(1)
  })

  it.each(cover(1, ['EROFS', 'EACCES']))(
    'says what cannot be written when .kittify gives %s from the start',
    async code => {
      const mission = await createScenario({ shape: { WP01: [] } })
      const args = ['orchestrate', '--mission', mission.slug]
      const result = await runSko(mission, args, { env: onDisk({ n: 1, code }), timeoutMs: longest })
      await expectRefused(mission, result, 1, `Cannot write ${mission.repo}/.kittify/orchestrator.lock`, code)
    },
  )
})

describe('.kittify', { timeout: 2 * longest }, () => {
  it('removed or replaced while an agent runs: it finishes, no state is written there, and the run says so', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const go = mission.path('go')
    await mission.setAgents([{ do: 'hang', file: go }])
    const running = startSko(mission, ['orchestrate', '--mission', mission.slug], { timeoutMs: longest })
    const agent = await mission.waitForStart({ wp: 'WP01' })
    const kittify = join(mission.repo, '.kittify')
    const outside = mission.path('outside')
    rmSync(kittify, { recursive: true })
    mkdirSync(outside)
    symlinkSync(outside, kittify)
    writeFileSync(go, '')
    const result = await running.exited
    expectNoStack(result)
    // Whichever comes first: the save that finds its lock gone, or a file of the attempt that finds the link.
    const words = [`sko: ${kittify} was removed or replaced`, `: ${kittify} is a link to ${outside}`]
    expect(result.exitCode).toBe(1)
    expect(words.filter(text => result.stderr.includes(text))).toHaveLength(1)
    expect(isAlive(agent.pid)).toBe(false)
    const found = readdirSync(outside, { recursive: true })
    expect(found.filter(name => String(name).includes('orchestrator'))).toEqual([])
  })

  it('that is a link to a place of another name is refused', async () => {
    const mission = await createScenario({ shape: { WP01: [] } })
    const kittify = join(mission.repo, '.kittify')
    const outside = mission.path('outside')
    rmSync(kittify, { recursive: true })
    mkdirSync(outside)
    symlinkSync(outside, kittify)
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug], { timeoutMs: longest })
    await expectRefused(mission, result, 1, 'orchestrator.lock', `${kittify} is a link to ${outside}`)
    expect(readdirSync(outside)).toEqual([])
  })

  it.each(cover(1, ['orchestrator-run-state.json', 'orchestrator.lock.1']))(
    'with a named pipe for %s keeps no command waiting',
    async name => {
      const mission = await createScenario({ shape: { WP01: [] } })
      const pipe = join(mission.repo, '.kittify', name)
      execFileSync('mkfifo', [pipe])
      for (const args of [['orchestrate', '--mission', mission.slug], ['resume'], ['abort'], ['status']]) {
        const result = await runSko(mission, args, { timeoutMs: longest })
        expectNoStack(result)
        expect([args, result.signal, result.exitCode]).toEqual([args, null, expect.any(Number)])
        expect(result.exitCode).not.toBe(0)
      }
      expect(existsSync(pipe)).toBe(true)
      expect(await lanesOf(mission)).toEqual({ WP01: 'planned' })
    },
  )
})
