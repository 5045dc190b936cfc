import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario } from './support/scenario.ts'

it('says of each check whether it holds, and how a failing one is put right', async () => {
  const mission = await createScenario({ shape: { WP01: [] } })
  const well = await runSko(mission, ['doctor'])
  expect([well.exitCode, well.stderr]).toEqual([0, ''])
  expect(well.stdout.match(/^ok {3}\w+/gm)).toEqual(
    ['git', 'repository', 'identity', 'run', 'agents', 'record', 'host'].map(name => `ok   ${name}`),
  )

  await mission.git('config', '--unset', 'user.name')
  await mission.git('config', '--unset', 'user.email')
  await mission.git('config', 'user.useConfigOnly', 'true')
  const ill = await runSko(mission, ['doctor', '--json'])
  expect(ill.exitCode).toBe(2)
  const { checks, selfTest } = JSON.parse(ill.stdout)
  const identity = checks.find((result: { check: string }) => result.check === 'identity')
  expect([identity.ok, selfTest]).toEqual([false, null])
  await execa('sh', ['-c', identity.hint], { cwd: '/', env: mission.env })
  expect((await runSko(mission, ['doctor'])).exitCode).toBe(0)
})

itInFull('outside of a project fails, and with --self-test does what needs none', async () => {
  const mission = await createScenario({ shape: { WP01: [] } })
  const folder = join(mission.repo, '..', 'elsewhere')
  await mkdir(folder)
  const plain = await runSko(mission, ['doctor'], { cwd: folder })
  expect(plain.exitCode).toBe(2)
  expect(plain.stdout).toContain('is not in a git repository\n       go to the project')
  const tested = await runSko(mission, ['doctor', '--self-test'], { cwd: folder })
  expect(tested.exitCode).toBe(0)
  expect(tested.stdout).toMatch(/^ok {3}self-test: every git call gives the same result/m)
})

it('--self-test finds no fault in settings that change what git prints, and leaves nothing behind', async () => {
  const mission = await createScenario({ shape: { WP01: [] } })
  const temporary = join(mission.repo, '..', 'tmp')
  await mkdir(temporary)
  const marker = await plantMarker(mission.repo)
  const settings = [
    ['color.ui', 'always'],
    ['diff.noprefix', 'true'],
    ['diff.external', marker],
    ['core.fsmonitor', marker],
    ['core.pager', marker],
    ['core.abbrev', '40'],
    ['status.showUntrackedFiles', 'no'],
    ['diff.drv.textconv', marker],
    ['core.quotePath', 'false'],
    ['log.date', 'relative'],
  ]
  for (const [key = '', value = ''] of settings) await mission.git('config', key, value)
  const env = { TMPDIR: temporary, GIT_EXTERNAL_DIFF: marker, GIT_AUTHOR_DATE: 'no date', GIT_DIR: '/nowhere' }
  const { exitCode, stdout } = await runSko(mission, ['doctor', '--self-test', '--json'], { env })
  const { selfTest } = JSON.parse(stdout)
  expect(selfTest).toMatchObject({ ok: true, findings: [], variables: expect.any(Number) })
  expect(exitCode).toBe(2) // The host's own git calls would fail under these variables.
  expect(await readdir(temporary)).toEqual([])
})

itInFull(
  '--self-test names the setting that makes a difference among all others, and its command takes it away',
  async () => {
    const mission = await createScenario({ shape: { WP01: [] } })
    for (const number of Array.from({ length: 12 }, (_, index) => index)) {
      await mission.git('config', `alias.a${number}`, 'status')
    }
    // No colour: of all commands only `git clean` looks at it, and refuses.
    await mission.git('config', 'color.interactive.error', 'always')
    const first = await runSko(mission, ['doctor', '--self-test'])
    const [, command = ''] =
      /^FAIL self-test: color\.interactive\.error=always \(local\).*\n +next: (git .*?) {3}\(/m.exec(first.stdout) ?? []
    expect([first.exitCode, command]).toEqual([1, "git config --local --unset-all 'color.interactive.error'"])
    await execa('sh', ['-c', command], { cwd: mission.repo, env: mission.env })
    expect((await runSko(mission, ['doctor', '--self-test'])).exitCode).toBe(0)
  },
)

async function plantMarker(repo: string): Promise<string> {
  const marker = join(repo, '..', 'marker')
  await writeFile(marker, '#!/bin/sh\nexec cat\n')
  await chmod(marker, 0o755)
  return marker
}
