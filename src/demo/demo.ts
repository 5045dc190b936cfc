import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { findBinary } from '../agents/detect/find-binary.ts'
import { builtInAgents } from '../agents/registry.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { hostEnvironment } from '../host/sharp-edges.ts'
import { openWarmHost, type WarmHost } from '../host/warm/warm-host.ts'
import { packageFolder } from '../package-folder.ts'
import { ensureHost } from './host-environment.ts'
import { demoSlug, demoWorkPackages } from './mission.ts'
import { seedMission } from './seed.ts'

export interface DemoOptions {
  /** The scratch repository, empty or missing; null: a new temporary folder. */
  readonly folder: string | null
  /** The folder in which the host's environment is kept between demos. */
  readonly hostFolder: string
  /** The user's own host, a name on PATH or a path; null: the pinned one, installed if missing. */
  readonly host: string | null
  readonly report: (line: string) => void
}

export interface PreparedDemo {
  readonly repo: string
  /** Full slug. */
  readonly mission: string
  /** Keeps the host for its run; close it. */
  readonly warm: WarmHost
  /** The arguments of `sko` that run it. */
  readonly args: readonly string[]
}

export async function prepareDemo({ folder, hostFolder, host, report }: DemoOptions): Promise<PreparedDemo> {
  const repo = await scratchFolder(folder)
  const command = await hostCommand(host, hostFolder, report)
  report(`Planning a mission of ${demoWorkPackages.length} work packages with the host in ${repo} ...`)
  const warm = openWarmHost({ command, cwd: repo, env: hostEnvironment(process.env, command, repo) })
  try {
    const seed = { dir: repo, host: command, slug: demoSlug, workPackages: demoWorkPackages, makeCall: warm.call }
    const { mission } = await seedMission(seed)
    await writeFile(join(repo, '.kittify', 'orchestrator.yaml'), stringify(configuration(command)))
    return { repo, mission, warm, args: ['orchestrate', '--repo-root', repo, '--mission', mission] }
  } catch (error) {
    warm.close()
    throw error
  }
}

/** How to run the demo's mission with the agents of this machine; null: there are none. */
export function realAgentsHint(): string | null {
  const found = builtInAgents.filter(agent => findBinary(agent, process.env.PATH ?? '') !== null).map(({ id }) => id)
  if (found.length === 0) return null
  const flags = [
    ...found.map(id => `--impl-agent ${id}`),
    ...found.toReversed().map(id => `--review-agent ${id}`),
  ].join(' ')
  // In a clone nothing is installed, so show the command that was typed.
  const demo = process.env.npm_lifecycle_event === 'demo' ? 'npm run demo --' : 'sko demo'
  return `${found.join(' and ')} found: \`${demo} ${flags}\` runs the same mission with real agents (it costs tokens)`
}

async function scratchFolder(folder: string | null): Promise<string> {
  if (folder === null) return mkdtemp(join(tmpdir(), 'sko-demo-'))
  const repo = resolve(folder)
  await mkdir(repo, { recursive: true })
  if ((await readdir(repo)).length === 0) return repo
  throw new OrchestratorError({
    code: 'folder-not-empty',
    exitCode: exitCodes.usage,
    message: `${repo} is not empty`,
    hint: 'name a folder that is empty or does not exist, or leave it out to use a temporary one',
  })
}

async function hostCommand(host: string | null, folder: string, report: (line: string) => void): Promise<string> {
  if (host === null) return (await ensureHost({ folder, report })).command
  return host.includes('/') ? resolve(host) : host
}

function configuration(host: string) {
  // Only the built program can run as an agent.
  const script = join(packageFolder(), 'dist/demo/scripted-agent.js')
  return {
    agents: {
      implementation: ['scripted'],
      review: ['scripted'],
      custom: { scripted: { command: [process.execPath, script], prompt: 'stdin', review: true } },
    },
    review: { reviewer: 'any' },
    finish: { merge: 'merge', accept: true },
    host: { command: host },
  }
}
