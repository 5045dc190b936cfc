import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cover } from '../in-full.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf } from './support/scenario.ts'

describe('host.command: agents find the very same host', () => {
  it.each(
    cover(1, [
      ['a path relative to the main checkout', '.venv/bin/spec-kitty', ''],
      ['the same from another folder', './.venv/bin/spec-kitty', 'src'],
      ['another name', '.venv/bin/the-host', ''],
    ]),
  )('%s', async (_, command, cwd) => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes', subtasks: { WP01: ['T001'] } })
    mkdirSync(join(mission.repo, '.venv', 'bin'), { recursive: true })
    mkdirSync(join(mission.repo, 'src'), { recursive: true })
    const program = join(mission.repo, command)
    writeFileSync(program, `#!/bin/sh\nexec ${mission.hostCommand} "$@"\n`, { mode: 0o755 })
    const bin = mission.path('bin')
    mkdirSync(bin)
    symlinkSync(join(dirname(mission.hostCommand), 'codex'), join(bin, 'codex'))
    // It does what its prompt says, by a shell, and has no other spec-kitty on its PATH.
    const agent = await mission.script(
      'agent',
      `marks=$(grep -m1 'agent tasks mark-status'); echo "$SKO_HOST" > ${mission.path('sko-host')}
eval "$marks" > ${mission.path('said')} 2>&1 || exit 1; mkdir -p src; echo work > src/WP01.txt`,
    )
    await mission.writeConfig(
      `host: {command: '${command}'}\nagents: {implementation: [odd], review: [codex], custom: {odd: {command: ['${agent}']}}}\n`,
    )
    const rest = (mission.env.PATH ?? '').split(':').slice(1).join(':')

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug], {
      env: { PATH: `${bin}:${rest}` },
      cwd: join(mission.repo, cwd),
    })

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    expect(readFileSync(mission.path('sko-host'), 'utf8')).toBe(`${program}\n`)
    expect(mission.starts().map(({ role }) => role)).toEqual(['review'])
  })
})
