import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { until } from '../cli/support/scenario.ts'
import { patienceMs } from '../patience.ts'
import type { Level, Stage } from './level.ts'
import type { CellWorld } from './world.ts'

interface PersonsAct {
  readonly stage: Stage
  readonly shell: string
}

export function personsActs(levels: readonly Level[]): readonly PersonsAct[] {
  const stage = levels.flatMap(level => level.stage ?? [])[0] ?? 'implementation-WP01-2'
  return levels.flatMap(({ person }) => (person === undefined ? [] : [{ stage, shell: person }]))
}

/** Shell of a host: a call waits for the person whose act comes before it. */
export function hostThatWaits(folder: string, host: string): string {
  return `stage='${folder}'/person/$2
if [ -e "$stage" ] && [ ! -e "$stage.done" ]; then
  : >"$stage.waits"
  while [ ! -e "$stage.done" ]; do sleep 0.05; done
fi
exec '${host}' "$@"`
}

/** A person's process has nothing of the run in its environment, and is no child of it. */
export async function letPersonsAct(world: CellWorld, ended: AbortSignal): Promise<void> {
  const open = personsActs(world.levels).filter(({ stage }) => !existsSync(personsFile(world, stage, 'done')))
  await Promise.all(
    open.map(async ({ stage, shell }) => {
      const waits = personsFile(world, stage, 'waits')
      await until(`the stage ${stage}`, () => ended.aborted || existsSync(waits), patienceMs)
      if (ended.aborted) return
      await runShell(world, shell)
      await writeFile(personsFile(world, stage, 'done'), '')
    }),
  )
}

function personsFile({ folder }: CellWorld, stage: Stage, what: 'waits' | 'done'): string {
  return join(folder, 'person', `${stage}.${what}`)
}

export async function runShell({ repo, env }: CellWorld, command: string) {
  const result = await execa('sh', ['-c', `. "$WORLD_ACTS"\n${command}`], {
    cwd: repo,
    // Persons, who have an identity of their own; the host's is that of the repository.
    env: { ...env, turn: 'person', GIT_AUTHOR_NAME: 'A Person', GIT_AUTHOR_EMAIL: 'person@example.invalid' },
    reject: false,
    all: true,
    timeout: patienceMs,
    stdin: 'ignore',
  })
  return { exitCode: result.exitCode ?? -1, output: result.all }
}
