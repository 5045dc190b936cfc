import { appendFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import type { LoggedEvent, SkoResult } from '../../cli/support/run-sko.ts'
import type { Truth } from '../level.ts'
import type { CellWorld, Reviewed, Written } from '../world.ts'

interface MadeUp {
  readonly written?: readonly Written[]
  readonly reviewed?: readonly Reviewed[]
  readonly truth?: Partial<Truth>
}

/** What a finished cell leaves, without a host and without a run: `work` is checked out, with one commit. */
export async function madeUpWorld(): Promise<CellWorld> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sko-looks-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const repo = join(folder, 'repo')
  await mkdir(repo)
  const identity = {
    GIT_AUTHOR_NAME: 'An Agent',
    GIT_AUTHOR_EMAIL: 'a@x',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@x',
  }
  const git = async (...args: readonly string[]) =>
    (await execa('git', args, { cwd: repo, env: { ...identity, GIT_CONFIG_GLOBAL: '/dev/null' } })).stdout
  await git('init', '-q', '-b', 'work')
  await git('commit', '-q', '--allow-empty', '-m', 'Begin')
  const refuse = () => Promise.reject(new Error('nothing runs in a made-up world'))
  return {
    folder,
    repo,
    git,
    mission: 'real',
    host: '',
    topology: 'lanes',
    workPackages: ['WP01', 'WP02'].map(id => ({
      id,
      title: id,
      dependencies: [],
      ownedFiles: [],
      subtasks: [],
      body: '',
    })),
    env: {},
    base: await git('rev-parse', 'HEAD'),
    truth: { reviewerWrites: false, personInLane: false, lanesMoved: false, mainTouched: false },
    levels: [],
    sko: refuse,
    shell: async command => {
      const { exitCode = -1, all } = await execa('sh', ['-c', command], { cwd: repo, reject: false, all: true })
      return { exitCode, output: all }
    },
    written: () => [],
    reviewed: () => [],
    turns: () => [],
  }
}

export function withNotes(world: CellWorld, { written = [], reviewed = [], truth = {} }: MadeUp): CellWorld {
  return { ...world, written: () => written, reviewed: () => reviewed, truth: { ...world.truth, ...truth } }
}

/** Appends a line to a file of the repository. */
export async function write({ repo }: CellWorld, file: string, line: string): Promise<void> {
  await mkdir(dirname(join(repo, file)), { recursive: true })
  await appendFile(join(repo, file), `${line}\n`)
}

/** All that is in the worktree. Returns its name. */
export async function commit(world: CellWorld, subject: string, author = 'An Agent <a@x>'): Promise<string> {
  await world.git('add', '-A')
  await world.git('commit', '-q', '-m', subject, `--author=${author}`)
  return world.git('rev-parse', 'HEAD')
}

/** The host's record of the mission. */
export async function recordLanes(world: CellWorld, lanes: Readonly<Record<string, string>>, accepted: boolean) {
  const folder = join(world.repo, 'kitty-specs', world.mission)
  await mkdir(folder, { recursive: true })
  const moves = Object.entries(lanes).map(([wp_id, to_lane]) =>
    JSON.stringify({ wp_id, from_lane: 'planned', to_lane, actor: 'sko', force: false, reason: null }),
  )
  await writeFile(join(folder, 'status.events.jsonl'), `${moves.join('\n')}\n`)
  await writeFile(join(folder, 'meta.json'), JSON.stringify(accepted ? { accepted_by: 'sko' } : {}))
}

export function event(type: string, fields: Readonly<Record<string, unknown>> = {}): LoggedEvent {
  return { type, at: '2026-01-01T00:00:00.000Z', runId: 'run', ...fields }
}

export function ended(
  exitCode: number,
  said: { stdout?: string; stderr?: string; events?: readonly LoggedEvent[] } = {},
) {
  const { stdout = '', stderr = '', events = [] } = said
  const result: SkoResult = { exitCode, signal: null, stdout, stderr, events: () => events }
  return result
}
