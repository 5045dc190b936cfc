import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { cover } from '../in-full.ts'
import { nextCommands } from './support/next-commands.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf } from './support/scenario.ts'

/** In a folder of the worktree, once; no agent takes it back. */
const madeOnce: readonly (readonly [string, string])[] = [
  ['with a commit, and a file beside it', `echo one >app.txt && git add . && ${'GIT_COMMIT'} && echo two >later.txt`],
  ['without a commit', 'echo one >app.txt && echo two >later.txt'],
  [
    'with a commit, and one without inside it',
    `echo one >app.txt && git add . && ${'GIT_COMMIT'} && echo two >later.txt && mkdir deep && git -C deep init -q && echo three >deep/deep.txt`,
  ],
]
const commit = 'git -c user.name=A -c user.email=a@example.invalid commit -q -m inner'

it.each(cover(1, madeOnce))(
  'a repository of its own that the implementer makes, %s: the agent is informed, all is kept, and the printed command puts it right',
  async (_, made) => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const writer = await mission.script(
      'writer',
      `cat > '${mission.path('prompt')}'; echo x >> '${mission.path('starts')}'; mkdir -p src; date +%N >> src/work.txt
if [ ! -e '${mission.path('made')}' ]; then
  touch '${mission.path('made')}'; mkdir "it's app" && cd "it's app" && git init -q && ${made.replaceAll('GIT_COMMIT', commit)}
fi
echo done`,
    )
    await mission.writeConfig(
      `agents: {implementation: [odd], review: [codex], max_retries: 1, custom: {odd: {command: ['${writer}']}}}\n`,
    )

    let result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect([result.exitCode, result.stderr]).toEqual([1, ''])
    expect(readFileSync(mission.path('prompt'), 'utf8')).toMatch(/- it's app is a separate git repository/)
    const asked = result.events().find(event => event.type === 'needs-person')
    expect(asked?.reason).toContain("it's app")
    const kept = result.events().find(event => event.type === 'work-kept')
    const [ref] = /refs\/sko\/kept[^"]*/.exec(JSON.stringify(kept)) ?? ['']
    expect(await mission.git('show', `${ref}:it's app/later.txt`)).toBe('two')
    if (made.includes('GIT_COMMIT')) expect(await mission.git('log', '--format=%s', ref)).toContain('inner')

    for (let round = 1; result.exitCode !== 0 && round < 4; round += 1) {
      for (const command of nextCommands(result.stdout)) {
        const [program, ...args] = command.split(' ')
        const done =
          program === 'sko' ? await runSko(mission, args) : await execa('sh', ['-c', command], { cwd: mission.repo })
        expect([command, done.exitCode]).toEqual([command, 0])
      }
      result = await runSko(mission, ['resume'])
    }

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    const branch = `kitty/mission-${mission.slug}-lane-a`
    expect(await mission.git('show', `${branch}:it's app/later.txt`)).toBe('two')
    expect(await mission.git('show', `${branch}:it's app/app.txt`)).toBe('one')
    expect(result.events().some(event => event.type === 'tree-changed-during-review')).toBe(false)
  },
)
