import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { type FakeCall, type FakeState, type Fault, fakeStateSchema, parseJournal } from './fake-state.ts'

export type Topology = FakeState['topology']

export interface FakeMissionInit {
  /** Dependencies of each WP. */
  readonly shape: Readonly<Record<string, readonly string[]>>
  /** `coord` unless said, as at the host. */
  readonly topology?: Topology
  readonly slug?: string
  /** Name of the repository's folder; `repo` unless said. */
  readonly folder?: string
  /** Letter of each WP's lane; a lane of its own unless said. */
  readonly lanes?: Readonly<Record<string, string>>
  readonly subtasks?: Readonly<Record<string, readonly string[]>>
  /** The whole WP file, in place of the usual one. */
  readonly prompts?: Readonly<Record<string, string | Buffer>>
}

/** A git repository with a planned mission on branch `work`, and the fake host's memory of it beside the repository. */
export interface FakeMission {
  readonly repo: string
  readonly slug: string
  readonly hostDir: string
  /** Absolute path of the executable. */
  readonly hostCommand: string
  /** For every process of a test: finds the fake host first on PATH and no settings of this machine. */
  readonly env: Readonly<Record<string, string>>
  state(): Promise<FakeState>
  /** Only while no host call runs. */
  updateState(change: (state: FakeState) => void): Promise<void>
  journal(): Promise<readonly FakeCall[]>
  setFaults(faults: readonly Fault[]): Promise<void>
  /** Writes `.kittify/orchestrator.yaml`. */
  writeConfig(yaml: string): Promise<void>
  git(...args: readonly string[]): Promise<string>
  dispose(): Promise<void>
}

/** As far as it matters here what `spec-kitty init` writes: nothing of ours but the logs is ignored. */
const initIgnores = '.kittify/logs/\n.kittify/runtime/\n.worktrees/\n'

const hostCommand = fileURLToPath(new URL('../../../fixtures/bin/spec-kitty', import.meta.url))

export async function createFakeMission(init: FakeMissionInit): Promise<FakeMission> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sko-fake-')))
  const repo = join(folder, init.folder ?? 'repo')
  const hostDir = join(folder, 'host')
  const home = join(folder, 'home')
  const state = initialState(init)
  const env = {
    FAKE_HOST_DIR: hostDir,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    GIT_CONFIG_NOSYSTEM: '1',
    LC_ALL: 'C.UTF-8',
    PATH: `${dirname(hostCommand)}${delimiter}${process.env.PATH ?? ''}`,
  }
  const git = async (...args: readonly string[]) => (await execa('git', args, { cwd: repo, env })).stdout
  const stateFile = join(hostDir, 'state.json')
  const save = (next: FakeState) => replace(stateFile, JSON.stringify(next, null, 1))

  await Promise.all([repo, hostDir, home].map(path => mkdir(path)))
  await git('init', '--quiet', '--initial-branch', state.targetBranch)
  await writeFile(join(repo, '.git', 'config'), '[user]\n\tname = Test\n\temail = test@example.invalid\n', {
    flag: 'a',
  })
  await writeMission(repo, state, init.prompts ?? {})
  await git('add', '--all')
  await git('commit', '--quiet', '--message', 'Plan the mission')
  if (state.topology === 'coord') {
    const branch = `kitty/mission-${state.slug}`
    await git('worktree', 'add', '--quiet', '-b', branch, join('.worktrees', `${state.slug}-coord`))
  }
  await save(state)

  const readState = async () => fakeStateSchema.parse(JSON.parse(await readFile(stateFile, 'utf8')))
  return {
    repo,
    slug: state.slug,
    hostDir,
    hostCommand,
    env,
    git,
    state: readState,
    async updateState(change) {
      const next = await readState()
      change(next)
      await save(next)
    },
    async journal() {
      return parseJournal(await read(join(hostDir, 'started.ndjson')), await read(join(hostDir, 'journal.ndjson')))
    },
    setFaults: faults => replace(join(hostDir, 'faults.json'), JSON.stringify(faults)),
    writeConfig: yaml => writeFile(join(repo, '.kittify', 'orchestrator.yaml'), yaml),
    dispose: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  }
}

function initialState(init: FakeMissionInit): FakeState {
  const topology = init.topology ?? 'coord'
  const ids = Object.keys(init.shape)
  const letters = 'abcdefghijklmnopqrstuvwxyz{|}~'
  const wps = ids.map((id, index) => {
    const subtasks = (init.subtasks?.[id] ?? []).map(subtask => [subtask, 'pending'])
    return [
      id,
      {
        lane: 'planned',
        dependencies: [...(init.shape[id] ?? [])],
        subtasks: Object.fromEntries(subtasks),
        laneId: `lane-${init.lanes?.[id] ?? letters[index % letters.length]}`,
      },
    ]
  })
  return {
    slug: init.slug ?? (topology === 'legacy' ? '001-demo' : 'demo-01M7FAKE'),
    missionId: topology === 'legacy' ? null : '01M7FAKERVE6YS6X0XDHE1R6Q9',
    topology,
    contractVersion: '1.5.0',
    cliVersion: '3.2.7',
    targetBranch: 'work',
    wps: Object.fromEntries(wps),
    events: [],
    acceptances: [],
    merged: false,
    metaOnMission: false,
  }
}

async function writeMission(repo: string, state: FakeState, prompts: Readonly<Record<string, string | Buffer>>) {
  const mission = join(repo, 'kitty-specs', state.slug)
  await mkdir(join(mission, 'tasks'), { recursive: true })
  await mkdir(join(repo, '.kittify'))
  await mkdir(join(repo, 'src'))
  const { slug, missionId, topology, targetBranch } = state
  const meta = {
    ...(missionId === null ? {} : { mission_id: missionId, topology }),
    slug,
    mission_slug: slug,
    friendly_name: 'Demo',
    created_at: '2026-01-01T00:00:00+00:00',
    mission_type: 'software-dev',
    target_branch: targetBranch,
  }
  const files: readonly (readonly [string, string | Buffer])[] = [
    [join(repo, '.gitignore'), initIgnores],
    [join(repo, '.kittify', 'config.yaml'), 'agents:\n  available: []\n'],
    [join(repo, 'README.md'), '# Demo\n'],
    [join(repo, 'src', 'common.txt'), 'common\n'],
    [join(mission, 'meta.json'), `${JSON.stringify(meta, null, 2)}\n`],
    [join(mission, 'spec.md'), '# Demo\n'],
    ...Object.entries(state.wps).map(
      ([id, wp]) => [join(mission, 'tasks', `${id}-part.md`), prompts[id] ?? wpFile(id, wp)] as const,
    ),
  ]
  await Promise.all(files.map(([path, content]) => writeFile(path, content)))
}

function wpFile(id: string, wp: FakeState['wps'][string]): string {
  const list = (key: string, items: readonly string[]) =>
    items.length === 0 ? [`${key}: []`] : [`${key}:`, ...items.map(item => `- ${item}`)]
  return [
    '---',
    `work_package_id: ${id}`,
    `title: Part of ${id}`,
    ...list('dependencies', wp.dependencies),
    ...list('subtasks', Object.keys(wp.subtasks)),
    '---',
    '',
    `# ${id}`,
    '',
    `Write a line naming ${id} into \`src/${id}.txt\`.`,
    '',
  ].join('\n')
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text)
  await rename(`${path}.new`, path)
}

async function read(path: string): Promise<string> {
  return existsSync(path) ? await readFile(path, 'utf8') : ''
}
