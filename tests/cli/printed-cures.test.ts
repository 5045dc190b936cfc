import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { cover } from '../in-full.ts'
import { commandsOf, nextCommands } from './support/next-commands.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario } from './support/scenario.ts'

/** The implementer does this once, beside its work. */
async function scenario(once: string): Promise<Scenario> {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
  const command = await mission.script(
    'implementer',
    `cat > /dev/null; echo x >> '${mission.path('starts')}'; mkdir -p src; echo work > src/work.txt
if [ ! -e '${mission.path('done')}' ]; then touch '${mission.path('done')}'; ${once}; fi; echo done`,
  )
  await mission.writeConfig(
    `agents: {implementation: [odd], review: [codex], max_retries: 0, custom: {odd: {command: ['${command}']}}}\n`,
  )
  return mission
}

it.each(
  cover(3, [
    ['removed the .git file of its worktree', 'rm .git'],
    ['deleted the branch under its feet', 'git update-ref -d HEAD'],
    ['put a pipe in its place', 'rm .git; mkfifo .git'],
    [
      'left no branch and deleted its own',
      'git checkout -q --detach; git branch -q -D "$(git branch --list "*lane*" --format="%(refname:short)" | head -n 1)"',
    ],
    [
      'went to a branch of its own and deleted that of the lane',
      'own=$(git branch --show-current); git checkout -q -b mine; git branch -q -D "$own"',
    ],
    ['went to a branch without a commit', 'git checkout -q --orphan mine'],
    ['let HEAD name a branch that is not there', 'git symbolic-ref HEAD refs/heads/nowhere'],
    ['emptied HEAD', ': > "$(git rev-parse --git-dir)/HEAD"'],
    ['emptied the .git file', ': > .git'],
    ['wrote text into the .git file', 'echo garbage > .git'],
    ['let the .git file name nothing', 'echo "gitdir: /nowhere" > .git'],
    ['let the .git file name the main checkout', 'echo "gitdir: $(git rev-parse --git-common-dir)" > .git'],
    ['put a link to nothing in its place', 'rm .git; ln -s nowhere .git'],
    ['put a link to itself in its place', 'rm .git; ln -s .git .git'],
    [
      'put a link to the main checkout in its place',
      'main=$(git rev-parse --git-common-dir); rm .git; ln -s "$main" .git',
    ],
    ['put an empty folder in its place', 'rm .git; mkdir .git'],
    [
      'made a repository of its own in its place',
      'rm .git; git init -q .; git add .; git -c user.name=A -c user.email=a@b commit -q -m own',
    ],
    [
      'had git forget its worktree',
      'main=$(git rev-parse --path-format=absolute --git-common-dir); rm .git; git --git-dir "$main" worktree prune',
    ],
  ]),
)('an implementer %s: the printed command puts it right, and nothing is implemented twice', async (_, once) => {
  const mission = await scenario(once)

  const first = await runSko(mission, ['orchestrate', '--mission', mission.slug])

  expect([first.exitCode, first.stderr]).toEqual([1, ''])
  const [cure, ...more] = nextCommands(first.stdout)
  expect(more).toEqual([])
  const again = await runSko(mission, ['resume'])
  expect(nextCommands(again.stdout)).toEqual([cure])
  const asked = first.events().find(event => event.type === 'needs-person')
  expect(commandsOf(asked)).toEqual([`${cure} && sko resume`])

  await execa('sh', ['-c', cure ?? 'false'], { cwd: mission.repo })
  const last = await runSko(mission, ['resume'])

  expect([last.exitCode, last.stderr]).toEqual([0, ''])
  expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
  expect(readFileSync(mission.path('starts'), 'utf8')).toBe('x\n')
  expect(await mission.git('log', '--branches=*lane*', '--format=', '--name-only')).toContain('src/work.txt')
})
