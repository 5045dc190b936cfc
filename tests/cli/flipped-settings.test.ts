import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { nextCommands, nextLines } from './support/next-commands.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario } from './support/scenario.ts'

const changes = 'git config commit.gpgsign true; git config core.hooksPath "/no where"; git config --unset core.pager'

it('settings that changed while an agent ran stay named over a resume, with commands that put them back', async () => {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
  await mission.git('config', 'core.pager', "it's mine")
  await mission.git('config', 'core.hooksPath', 'mine')
  const settings = async () => (await mission.git('config', '--local', '--list')).split('\n').toSorted()
  const before = await settings()
  const script = (first: string) => `cat > /dev/null; mkdir -p src; echo work > src/work.txt; ${first}; echo done`
  const writer = await mission.script('writer', script(changes))
  await mission.writeConfig(`agents: {implementation: [odd], review: [codex], custom: {odd: {command: ['${writer}']}}}
finish: {merge: merge}
`)
  const [tracked = ''] = (await mission.git('ls-files')).split('\n').filter(file => !file.startsWith('kitty-specs/'))
  appendFileSync(join(mission.repo, tracked), 'changed\n')

  const first = await runSko(mission, ['orchestrate', '--mission', mission.slug])
  const again = await runSko(mission, ['resume'])

  for (const { exitCode, stdout } of [first, again]) {
    expect(exitCode).toBe(1)
    expect(nextLines(stdout).filter(line => line.startsWith('git config'))).toEqual([
      expect.stringMatching(
        / --replace-all 'core\.pager' .* \(core\.pager was changed during the run, from it's mine to not set/,
      ),
      expect.stringMatching(/ --replace-all 'core\.hookspath' 'mine'/),
      expect.stringMatching(/ --unset-all 'commit\.gpgsign' .*from not set to true/),
    ])
  }
  for (const command of nextCommands(again.stdout)) {
    const line = command.replace(/ && sko resume.*$/, '')
    expect([line, (await execa('sh', ['-c', line], { cwd: mission.repo, reject: false })).exitCode]).toEqual([line, 0])
  }
  expect(await settings()).toEqual(before)
  const last = await runSko(mission, ['resume'])
  expect(last.exitCode).toBe(0)
  expect(last.stdout).not.toContain('git config')
})
