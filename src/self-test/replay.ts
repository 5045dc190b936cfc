import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning, listProcesses, pidsWithMarker } from '../process/table/process-table.ts'
import { underEnvironment, withoutGit } from './environment.ts'
import { withNames } from './names.ts'
import { readOutcome } from './outcome.ts'
import { placeIn, type ScratchPlace } from './place.ts'
import { type PlainGit, plainGit } from './plain-git.ts'
import { playScenario } from './scenario.ts'
import { plantSeed, type RepositoryFormat } from './seed.ts'
import { configText, type GitSetting, isOfRepository } from './settings.ts'

/** Everything observed in one replay. It is always the same, except for what the settings change. */
export type Observation = Readonly<Record<string, unknown>>

export interface World {
  readonly settings: readonly GitSetting[]
  /** The environment of our git calls. */
  readonly env: Readonly<NodeJS.ProcessEnv>
}

export interface Stage {
  /** An environment in which `settings` are git's only settings from the user. */
  readonly bare: Readonly<NodeJS.ProcessEnv>
  replay(world: World): Promise<Observation>
}

/** This marker in the environment finds processes that a replay leaves running. */
const marker = 'SKO_SELF_TEST'

/** Stops a setting that makes git wait for something; normally a replay takes a few seconds. */
const longestMs = 60_000

/** Makes the repository once. Each replay starts with a copy of it at the same path. */
export async function setStage(
  folder: string,
  env: Readonly<NodeJS.ProcessEnv>,
  format: RepositoryFormat = {},
): Promise<Stage> {
  const stageFolder = join(folder, 'stage')
  const seed = join(folder, 'seed')
  const git: PlainGit = plainGit(join(folder, 'plain'), env)
  const place = placeIn(stageFolder, git)
  await mkdir(stageFolder, { recursive: true })
  await mkdir(join(folder, 'plain'), { recursive: true })
  await plantSeed(place, format)
  await cp(stageFolder, seed, { recursive: true, verbatimSymlinks: true })
  return {
    bare: {
      ...withoutGit(env),
      HOME: place.home,
      XDG_CONFIG_HOME: join(place.home, '.config'),
      GIT_CONFIG_NOSYSTEM: '1',
    },
    replay: async world => {
      await rm(stageFolder, { recursive: true, force: true })
      await cp(seed, stageFolder, { recursive: true, verbatimSymlinks: true })
      return observe(place, world)
    },
  }
}

async function observe(place: ScratchPlace, world: World): Promise<Observation> {
  const config = join(place.root, '.git', 'config')
  const original = await readFile(config, 'utf8')
  const tested = original + configText(world.settings.filter(isOfRepository))
  await writeFile(config, tested)
  await writeFile(join(place.home, '.gitconfig'), configText(world.settings.filter(one => !isOfRepository(one))))
  const token = `${process.pid}-${place.folder}`
  const late = setTimeout(() => endMarked(token), longestMs)
  const env = { ...world.env, [marker]: token }
  // The scenario's own git runs without the settings.
  const git: PlainGit = async (cwd, args, input) => {
    await writeFile(config, original)
    return place.git(cwd, args, input).finally(() => writeFile(config, tested))
  }
  const steps = await underEnvironment(env, () => playScenario({ ...place, git })).finally(() => clearTimeout(late))
  const left = marked(token)
  endMarked(token)
  const after = await readFile(config, 'utf8')
  await writeFile(config, original)
  const seen = {
    ...Object.fromEntries(steps.map(({ name, result }) => [name, result])),
    ...(await readOutcome(place).catch(error => ({ refs: String(error), checkouts: 'not read' }))),
    'processes left': left.length,
    'settings of the repository': after === tested ? 'as they were' : after,
  }
  return withNames(seen, place.folder)
}

function marked(token: string): readonly number[] {
  const running = [...listProcesses().values()].filter(isRunning).map(({ pid }) => pid)
  return [...pidsWithMarker([{ name: marker, value: token }], running)].filter(pid => pid !== process.pid)
}

function endMarked(token: string): void {
  for (const pid of marked(token)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
}
