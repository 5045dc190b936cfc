import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import { expectRefused } from './support/expect-refused.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario } from './support/scenario.ts'

describe('a project in which git does not let the host commit', () => {
  it('is found out before the start, and the printed commands let it run', async () => {
    const mission = await createScenario({ shape: { WP01: [] } })
    await mission.git('config', '--unset', 'user.name')
    await mission.git('config', '--unset', 'user.email')
    await mission.git('config', 'user.useConfigOnly', 'true')

    const plan = await runSko(mission, ['plan', '--mission', mission.slug])
    expect([plan.exitCode, plan.stderr]).toEqual([2, ''])
    const [, commands = ''] = /^FAIL identity: .*\n +(git .*)$/m.exec(plan.stdout) ?? []
    await expectRefused(mission, await orchestrate(mission), 2, 'no email was given', commands)
    expect(await lanesOf(mission)).toEqual({ WP01: 'planned' })

    await execa('sh', ['-c', commands], { cwd: '/', env: mission.env })
    expect((await runSko(mission, ['plan', '--mission', mission.slug])).stdout).toContain(
      'ok   identity: the host commits as Your Name <you@example.com>',
    )
    expect(await orchestrate(mission)).toMatchObject({ exitCode: 0, stderr: '' })
  })

  itInFull('is found out at resume too, where a variable of the shell has made it so since', async () => {
    const mission = await createScenario({ shape: { WP01: [] } }, [{ role: 'review', do: 'prose', times: 0 }])
    expect(await orchestrate(mission)).toMatchObject({ exitCode: 1 })
    const resumed = await runSko(mission, ['resume'], { env: { GIT_AUTHOR_NAME: '' } })
    expect(resumed.exitCode).toBe(2)
    expect(resumed.stderr).toContain('empty ident name')
    expect(resumed.stderr).toContain('unset GIT_AUTHOR_NAME')
  })
})

it.each(
  cover(2, [
    ['plan', ['plan']],
    ['abort', ['abort']],
    ['status', ['status']],
    ['resume', ['resume']],
    ['logs', ['logs']],
    ['agents', ['agents']],
  ]),
)('%s says what git has against the repository, not that there is none', async (_, args) => {
  const mission = await createScenario({ shape: { WP01: [] } })
  const config = join(mission.repo, '.git', 'config')
  await appendFile(config, 'no such thing\n')
  const { exitCode, stdout, stderr } = await runSko(mission, args)
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/bad config line \d+ in file \.git\/config/)
  expect(stderr).toMatch(/correct line \d+ of/)
})

itInFull('works with a home in which nothing can be written', async () => {
  const mission = await createScenario({ shape: { WP01: [] } })
  const args = ['orchestrate', '--mission', mission.slug]
  expect(await runSko(mission, args, { env: { HOME: '/proc', XDG_CONFIG_HOME: '/proc' } })).toMatchObject({
    exitCode: 0,
  })
})

function orchestrate(mission: Scenario) {
  return runSko(mission, ['orchestrate', '--mission', mission.slug])
}
