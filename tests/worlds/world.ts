import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { type SkoPlace, type SkoResult, startSko } from '../cli/support/run-sko.ts'
import { fakeAgents, linesOf } from '../cli/support/scenario.ts'
import { type RealMission, realMission } from '../e2e/support/real-mission.ts'
import type { Level, Truth } from './level.ts'
import { hostThatWaits, letPersonsAct, personsActs, runShell } from './persons.ts'

/** A mission of two WPs in the world of one cell. WP01 is rejected once. */
export interface CellWorld extends RealMission {
  /** Of everything: the repository, HOME, TMPDIR and what the acts note. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Tip of the target branch before the run. */
  readonly base: string
  readonly truth: Truth
  readonly levels: readonly Level[]
  /** `cured`: in the usual environment, in place of one in which the start is refused. */
  sko(args: readonly string[], cured: boolean, exported?: Readonly<Record<string, string>>): Promise<SkoResult>
  /** By a person, in the main checkout. */
  shell(command: string): Promise<{ readonly exitCode: number; readonly output: string }>
  /** Standard output of git with none of the settings of this world. */
  git(...args: readonly string[]): Promise<string>
  /** Lines that agents and persons wrote. */
  written(): readonly Written[]
  /** What reviewers were asked to judge. */
  reviewed(): readonly Reviewed[]
  /** Names of all turns so far. */
  turns(): readonly string[]
}

export interface Written {
  readonly by: string
  readonly line: string
  /** As the writer named it. */
  readonly file: string
}

export interface Reviewed {
  readonly wpId: string
  readonly base: string
  readonly shown: string
  /** HEAD of the worktree when the reviewer began. */
  readonly head: string
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const program = here('../../bin/sko.js')
const fixtures = here('../../fixtures/bin')
const acts = here('support/acts.sh')

/** What an agent of the real host's commands has to give; sko gives it too. */
const policy = JSON.stringify({
  orchestrator_id: 'me',
  orchestrator_version: '1',
  agent_family: 'claude',
  approval_mode: 'full_auto',
  sandbox_mode: 'workspace_write',
  network_mode: 'none',
  dangerous_flags: [],
})

const configuration = `agents:
  implementation: [scripted]
  review: [scripted]
  max_retries: 1
  custom: {scripted: {command: [scripted-agent], review: true}}
finish: {merge: merge}
host: {patience_seconds: 60}
`

export async function buildWorld(levels: readonly Level[]): Promise<CellWorld> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sko-world-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }))
  const repo = join(folder, levels.flatMap(level => level.place ?? [])[0] ?? 'repo')
  const folders = ['bin', 'home', 'tmp', 'acts', 'person', 'turns'].map(name => join(folder, name))
  await Promise.all([...folders, repo].map(path => mkdir(path, { recursive: true })))
  for (const level of levels) await level.prepare?.({ folder, repo })
  const topology = levels.flatMap(level => level.topology ?? [])[0] ?? 'lanes'
  const mission = await realMission({
    shape: 'pair',
    topology,
    subtasks: [0, 0],
    dir: repo,
    without: levels.flatMap(level => level.without ?? []),
    hasProject: levels.some(level => level.hasProject),
  })
  const agents = await fakeAgents(folder, [{ role: 'review', wp: 'WP01', attempt: 1, do: 'reject' }])
  await symlink(here('support/scripted-agent'), join(folder, 'bin', 'scripted-agent'))
  await executable(join(folder, 'bin', 'spec-kitty'), hostThatWaits(folder, mission.host))
  await executable(join(folder, 'bin', 'sko'), `exec '${process.execPath}' '${program}' "$@"`)
  await writeFile(join(repo, '.kittify', 'orchestrator.yaml'), configuration)
  await placeActs(folder, levels)
  const usualEnv: Readonly<Record<string, string>> = {
    ...agents.agentEnv,
    FAKE_AGENT_WRITES: join(folder, 'agent-writes'),
    GIT_CONFIG_NOSYSTEM: '1',
    HOME: join(folder, 'home'),
    XDG_CONFIG_HOME: join(folder, 'home', '.config'),
    TMPDIR: join(folder, 'tmp'),
    LC_ALL: 'C.UTF-8',
    PATH: [join(folder, 'bin'), fixtures, process.env.PATH].join(delimiter),
    SKO_REPO: repo,
    WORLD: folder,
    WORLD_ACTS: acts,
    WORLD_PROGRAMS: here('support/programs'),
    WORLD_AGENT: join(fixtures, 'scripted-agent'),
    REPO: repo,
    MISSION: mission.mission,
    POLICY: policy,
  }
  const env = Object.assign({ ...usualEnv }, ...levels.map(level => level.env?.(folder) ?? {}))
  const git = async (...args: readonly string[]) => {
    const plain = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
    return (await execa('git', args, { cwd: repo, env: plain })).stdout
  }
  const place: SkoPlace = { repo, env, journal: async () => [] }
  const wrap = levels.flatMap(level => level.wrap ?? [])
  const world: CellWorld = {
    ...mission,
    folder,
    env: usualEnv,
    base: '',
    truth: Object.assign(
      { reviewerWrites: false, personInLane: false, lanesMoved: false, mainTouched: false },
      ...levels.map(level => level.truth ?? {}),
    ),
    levels,
    git,
    sko: async (args, cured, exported = {}) => {
      const start = cured ? { env: usualEnv, wrap: [] } : { env, wrap }
      const sko = startSko({ ...place, env: { ...start.env, ...exported } }, args, { wrap: start.wrap })
      const done = new AbortController()
      const [result] = await Promise.all([sko.exited.finally(() => done.abort()), letPersonsAct(world, done.signal)])
      return result
    },
    shell: command => runShell(world, command),
    written: () => [
      ...fields(join(folder, 'written')).map(([by = '', line = '', file = '']) => ({ by, line, file })),
      ...ownWork(folder),
    ],
    reviewed: () =>
      fields(join(folder, 'reviewed')).map(([wpId = '', base = '', shown = '', head = '']) => ({
        wpId,
        base,
        shown,
        head,
      })),
    turns: () => agents.starts().map(start => `${start.role}-${start.wp}-${start.attempt}`),
  }
  for (const level of levels) await level.arrange?.(world)
  return { ...world, base: await git('rev-parse', 'HEAD') }
}

async function placeActs(folder: string, levels: readonly Level[]): Promise<void> {
  for (const { turn, when, shell } of levels.flatMap(level => level.acts ?? [])) {
    await writeFile(join(folder, 'acts', `${turn}.${when}`), `${shell}\n`, { flag: 'a' })
  }
  for (const { stage } of personsActs(levels)) await writeFile(join(folder, 'person', stage), '')
}

function executable(path: string, shell: string): Promise<void> {
  return writeFile(path, `#!/bin/sh\n${shell}\n`, { mode: 0o755 })
}

function fields(file: string): readonly (readonly string[])[] {
  return linesOf(file).map(line => line.split('\t'))
}

/** What the scripted agents wrote as their work. */
function ownWork(folder: string): readonly Written[] {
  return linesOf(join(folder, 'agent-writes'))
    .map(line => JSON.parse(line))
    .map(({ wp, path, line }) => ({ by: `implementation-${wp}`, line: String(line), file: String(path) }))
}
