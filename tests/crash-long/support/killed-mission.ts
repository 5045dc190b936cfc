import { readdirSync } from 'node:fs'
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { seedMission } from '../../../src/demo/seed.ts'
import type { SkoPlace } from '../../cli/support/run-sko.ts'
import { fakeAgents, isAlive, linesOf } from '../../cli/support/scenario.ts'
import { realHost } from '../../e2e/support/real-host.ts'

export type Topology = 'coord' | 'lanes'

/** A planned mission of two WPs, to be copied: planning it takes the host longer than a run's first three calls. */
export interface Template {
  readonly folder: string
  readonly mission: string
}

export interface HostCall {
  /** The host's own process, as the script that logs it becomes it. */
  readonly pid: number
  /** `transition WP01 for_review`. */
  readonly line: string
}

export interface KilledMission extends SkoPlace {
  readonly mission: string
  /** Calls of `orchestrator-api` that were started so far, by this sko and by earlier ones. */
  calls(): readonly HostCall[]
}

const fixtures = fileURLToPath(new URL('../../../fixtures/bin', import.meta.url))
const config =
  'agents: {implementation: [scripted], review: [scripted], custom: {scripted: {command: [scripted-agent], review: true}}}\n'

export async function makeTemplate(topology: Topology, chained: boolean): Promise<Template> {
  const folder = await mkdtemp(join(tmpdir(), 'sko-template-'))
  const workPackages = [1, 2].map(number => ({
    id: `WP0${number}`,
    title: `Part ${number}`,
    dependencies: chained && number === 2 ? ['WP01'] : [],
    ownedFiles: [`src/part0${number}.txt`],
    subtasks: [],
    body: `Write exactly these lines into \`src/part0${number}.txt\`:\n\n\`\`\`\nPart ${number}\n\`\`\``,
  }))
  const { mission } = await seedMission({ dir: folder, host: realHost(), slug: 'real', topology, workPackages })
  return { folder, mission }
}

/** A copy to work on. It is taken away after the test, unless that fails: then its place is printed. */
export async function copyOf({ folder, mission }: Template): Promise<KilledMission> {
  const around = await mkdtemp(join(tmpdir(), 'sko-killed-'))
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') console.log(`kept for you to look at: ${around}`)
    else await rm(around, { recursive: true, force: true, maxRetries: 5 })
  })
  const repo = join(around, 'repo')
  await cp(folder, repo, { recursive: true, verbatimSymlinks: true })
  await repairWorktrees(repo)
  await writeFile(join(repo, '.kittify', 'orchestrator.yaml'), config)
  const journal = join(around, 'host.log')
  await writeFile(join(around, 'spec-kitty'), loggingHost(realHost(), journal))
  await chmod(join(around, 'spec-kitty'), 0o755)
  const agents = await fakeAgents(around, [])
  const calls = () => linesOf(journal).map(callIn)
  return {
    repo,
    mission,
    env: {
      ...agents.agentEnv,
      GIT_CONFIG_NOSYSTEM: '1',
      PATH: [around, fixtures, process.env.PATH].join(delimiter),
      SKO_REPO: repo,
    },
    calls,
    journal: async () => calls().map(({ line }, n) => ({ n, command: line, wp: null, exit: null, code: null })),
  }
}

/** Each worktree and its repository name each other by absolute path; all else in the copy holds as it is. */
async function repairWorktrees(repo: string): Promise<void> {
  const worktrees = join(repo, '.worktrees')
  for (const name of readdirSync(repo).includes('.worktrees') ? readdirSync(worktrees) : []) {
    await writeFile(join(repo, '.git', 'worktrees', name, 'gitdir'), `${join(worktrees, name, '.git')}\n`)
    await writeFile(join(worktrees, name, '.git'), `gitdir: ${join(repo, '.git', 'worktrees', name)}\n`)
  }
}

function callIn(entry: string): HostCall {
  const [pid = '', ...words] = entry.split(' ')
  return { pid: Number(pid), line: words.join(' ') }
}

function loggingHost(host: string, journal: string): string {
  return `#!/bin/sh
if [ "$1" = orchestrator-api ]; then
  line="$$ $2"
  for argument; do
    case "$wanted" in --wp | --to) line="$line $argument" ;; esac
    wanted="$argument"
  done
  printf '%s\\n' "$line" >>'${journal}'
fi
exec '${host}' "$@"
`
}

/** Ends when the call with this number, counted from 1, has begun; null when `over` comes first. */
export async function callBegun(mission: KilledMission, number: number, over: AbortSignal): Promise<HostCall | null> {
  for (;;) {
    const call = mission.calls()[number - 1]
    if (call !== undefined || over.aborted) return call ?? null
    await sleep(10)
  }
}

/** A call that runs now, or the next that does; null when `over` comes first. */
export async function runningCall(mission: KilledMission, over: AbortSignal): Promise<HostCall | null> {
  for (;;) {
    const call = mission.calls().findLast(({ pid }) => isAlive(pid))
    if (call !== undefined || over.aborted) return call ?? null
    await sleep(10)
  }
}
