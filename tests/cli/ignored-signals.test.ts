import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import { startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, until } from './support/scenario.ts'

const program = fileURLToPath(new URL('../../bin/sko.js', import.meta.url))
const one = { shape: { WP01: [] }, topology: 'lanes' } as const

describe('a signal that the caller has us ignore', () => {
  it.each(
    cover(2, [
      ['nohup', 'exec nohup "$@"', 'SIGHUP'],
      ['a background job of a script', '"$@" & wait', 'SIGINT'],
      ['a trap', `trap '' HUP; exec "$@"`, 'SIGHUP'],
      ['a background job of a script', '"$@" & wait', 'SIGQUIT'],
    ]),
  )('%s (%s): %s ends nothing', async (_, shell, signal) => {
    const mission = await createScenario(one)
    const go = mission.path('go')
    await mission.setAgents([{ role: 'implementation', do: 'hang', file: go }])
    const child = execa('sh', ['-c', shell, 'sh', program, 'orchestrate', '--mission', mission.slug], {
      cwd: mission.repo,
      env: mission.env,
      stdin: 'ignore',
      reject: false,
    })
    await mission.waitForStart({ role: 'implementation' })
    const pid = await until('its lock', () => lockOwner(mission.repo))
    for (let time = 0; time < 2; time++) process.kill(pid, signal)
    writeFileSync(go, '')

    expect((await child).exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
  })

  it.each(['', 'HUP', 'INT', 'QUIT', 'TSTP', 'HUP INT QUIT TSTP'])(
    'is seen before Node starts, which forgets it: %s',
    async ignored => {
      const folder = mkdtempSync(join(tmpdir(), 'sko-ignored-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      writeFileSync(join(folder, 'node'), '#!/bin/sh\necho "$$ $SKO_IGNORED_SIGNALS"', { mode: 0o755 })
      const shell = `for s in $IGNORED; do trap '' $s; done; exec "$0"`
      const env = { IGNORED: ignored, PATH: `${folder}:${process.env.PATH}` }

      const { stdout } = await execa('sh', ['-c', shell, program], { env })

      const [, pid, seen] = /^(\d+) (\d+:.*)$/.exec(stdout) ?? []
      expect(seen?.trimEnd()).toBe(`${pid}:${ignored && ` ${ignored}`}`)
    },
  )

  itInFull('on_hangup: ignore does the same without', async () => {
    const mission = await createScenario(one)
    const go = mission.path('go')
    await mission.writeConfig('on_hangup: ignore\n')
    await mission.setAgents([{ role: 'implementation', do: 'hang', file: go }])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await mission.waitForStart({ role: 'implementation' })
    sko.kill('SIGHUP')
    writeFileSync(go, '')

    expect((await sko.exited).exitCode).toBe(0)
  })

  it.each(cover(1, ['<&- >&- 2>&-', '<&-', '>&-', '2>&-']))('runs with %s', async closed => {
    const mission = await createScenario(one)
    const command = `exec "$@" ${closed}`
    const args = ['-c', command, 'sh', program, 'orchestrate', '--mission', mission.slug]
    const result = await execa('sh', args, { cwd: mission.repo, env: mission.env, reject: false })
    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
  })
})

function lockOwner(repo: string): number | null {
  const name = readdirSync(join(repo, '.kittify')).find(file => /lock\.\d+$/.test(file))
  return name === undefined ? null : JSON.parse(readFileSync(join(repo, '.kittify', name), 'utf8')).pid
}
