import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Difference, differences } from '../../src/self-test/compare.ts'
import { findCulprits } from '../../src/self-test/find-culprits.ts'
import { knownDifference } from '../../src/self-test/known-differences.ts'
import { type Observation, setStage } from '../../src/self-test/replay.ts'
import type { GitSetting } from '../../src/self-test/settings.ts'
import { whole } from '../whole.ts'
import { candidatesFor, type Files, unlisted } from './setting-values.ts'

export interface Sweep {
  readonly files: Files
  /** What a replay without settings comes to. */
  readonly expected: Observation
  /** What changes under these settings and variables, against none. */
  seen(settings: readonly GitSetting[], variables?: Readonly<Record<string, string>>): Promise<readonly Difference[]>
  /** Which settings of a group change something, each with what it changes; values that git itself refuses aside. */
  culprits(group: readonly GitSetting[]): Promise<readonly string[]>
  /** Those whose value git itself refuses, whatever calls it. */
  refused(group: readonly GitSetting[]): readonly GitSetting[]
  dispose(): void
}

export async function openSweep(): Promise<Sweep> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sko-settings-')))
  const files = plantFiles(folder)
  const stage = await setStage(folder, process.env)
  const ran = `${files.marker}.ran`
  const replay = (settings: readonly GitSetting[], variables: Readonly<Record<string, string>>) =>
    stage.replay({ settings, env: { ...stage.bare, ...variables } })
  const expected: Observation = await replay([], {})
  const noise = differences(expected, await replay([], {}))
  if (noise.length > 0) throw new Error(`two replays without settings differ: ${JSON.stringify(noise, null, 1)}`)
  const seen: Sweep['seen'] = async (settings, variables = {}) => {
    rmSync(ran, { force: true })
    const found = differences(expected, await replay(settings, variables))
    if (!existsSync(ran)) return found
    return [...found, { where: 'programs that ran', expected: 'none', observed: readFileSync(ran, 'utf8') }]
  }
  const refused = (group: readonly GitSetting[]) => refusedOf(group, join(folder, 'seed', 'repo'))
  return {
    files,
    expected,
    seen,
    refused,
    async culprits(group) {
      const nobodys = refused(group)
      const plausible = group.filter(setting => !nobodys.includes(setting))
      const found: string[] = []
      for (const settings of await findCulprits(plausible, async subset => (await seen(subset)).length > 0)) {
        found.push(described(settings, await seen(settings)))
      }
      return found
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The first few say enough. */
function described(settings: readonly GitSetting[], found: readonly Difference[]): string {
  const names = settings.map(({ scope, key, value }) => `${key}=${value} (${scope})`).join(' + ')
  const shown = found.slice(0, 4).map(({ where, expected, observed }) => `${where}: ${expected} -> ${observed}`)
  return [names, ...shown].join('\n  ')
}

function plantFiles(folder: string): Files {
  const files: Files = {
    marker: join(folder, 'marker'),
    included: join(folder, 'included'),
    attributes: join(folder, 'attributes'),
    hooks: join(folder, 'hooks'),
    text: join(folder, 'text'),
  }
  const script = `#!/bin/sh\necho "$0 $*" >> '${files.marker}.ran'\nexec cat\n`
  program(files.marker, script)
  mkdirSync(files.hooks)
  const hooks = [
    'pre-commit',
    'prepare-commit-msg',
    'commit-msg',
    'post-commit',
    'post-checkout',
    'reference-transaction',
  ]
  for (const hook of [...hooks, 'post-index-change', 'post-merge', 'post-rewrite', 'pre-rebase']) {
    program(join(files.hooks, hook), script)
  }
  writeFileSync(files.included, `[diff]\n\tnoprefix = true\n\texternal = ${files.marker}\n[color]\n\tui = always\n`)
  writeFileSync(files.attributes, '* diff=drv filter=drv\n')
  writeFileSync(files.text, '*.tmp\n')
  return files
}

/** What our calls ask of git, as a dry run. */
const probes = [
  ['status', '--porcelain'],
  ['diff', '--stat', 'HEAD'],
  ['log', '-1', '--stat', '--oneline'],
  ['add', '--dry-run', '--all'],
  ['clean', '--dry-run', '-d'],
  ['checkout', '--quiet', 'HEAD', '--', 'README.md'],
  ['commit', '--dry-run', '--allow-empty', '--message', 'x'],
  ['for-each-ref'],
]

const refusal =
  /\bbad \S.*(?:value|config|argument)|invalid|unable to parse|unknown .*(?:value|style|mode)|malformed|missing value|not a valid/i

function refusedOf(settings: readonly GitSetting[], repo: string): readonly GitSetting[] {
  if (!isRefused(settings, repo)) return []
  if (settings.length === 1) return settings
  const middle = Math.ceil(settings.length / 2)
  return [settings.slice(0, middle), settings.slice(middle)].flatMap(half => refusedOf(half, repo))
}

function isRefused(settings: readonly GitSetting[], repo: string): boolean {
  const given = settings.flatMap(({ key, value }) => ['-c', value === null ? key : `${key}=${value}`])
  return probes.some(probe => {
    const { status, stderr } = spawnSync('git', [...given, ...probe], {
      cwd: repo,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: '/nowhere', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 10_000,
    })
    return status !== 0 && refusal.test(stderr)
  })
}

function program(path: string, script: string): void {
  writeFileSync(path, script)
  chmodSync(path, 0o755)
}

/** They say what kind of repository it is; git refuses one that is not of that kind. */
const ofRepository = /^(?:core\.(?:repositoryformatversion|bare|worktree)|extensions\.)/i

/**
 * Every key of this git with every value that we can think of, each in both files, or in turns in one of them; those
 * that we leave as they are aside.
 */
export function everyFreeSetting(files: Files): readonly GitSetting[] {
  const listed = execFileSync('git', ['help', '-c'], { encoding: 'utf8' }).split('\n')
  // `gitweb.remote_heads` is listed, and no key.
  const keys = [...listed.filter(line => /^\w[\w-]*\.[^_]+$/.test(line)), ...unlisted]
  const candidates = keys.flatMap(key => candidatesFor(key, files)).filter(({ key }) => knownDifference(key) === null)
  const distinct = new Map(candidates.map(candidate => [`${candidate.key}=${candidate.value}`, candidate]))
  return [...distinct.values()].flatMap(({ key, value }, index) => {
    const global = { scope: 'global' as const, key, value }
    const local = { scope: 'local' as const, key, value }
    if (ofRepository.test(key)) return [global]
    return whole ? [global, local] : [index % 2 ? local : global]
  })
}

/** Settings side by side, no key twice in one group, so that each takes effect. */
export function groupsOf(settings: readonly GitSetting[], size: number): readonly (readonly GitSetting[])[] {
  const rounds: GitSetting[][] = []
  const seen = new Map<string, number>()
  for (const setting of settings) {
    const key = setting.key.toLowerCase()
    const round = seen.get(key) ?? 0
    seen.set(key, round + 1)
    rounds[round] = [...(rounds[round] ?? []), setting]
  }
  return rounds.flatMap(round => {
    const count = Math.ceil(round.length / size)
    return Array.from({ length: count }, (_, group) => round.filter((_, index) => index % count === group))
  })
}
