import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import { type PlannedWorkPackage, writePlanning } from '../../../src/demo/planning.ts'
import { commitEverything, makeRepository } from '../../../src/demo/repository.ts'
import { planMission, runHost } from '../../../src/demo/seed.ts'
import { realHost } from './real-host.ts'
import { type Shape, shapes } from './shapes.ts'

export type World = 'coord' | 'lanes' | 'legacy'

export interface RealMissionOptions {
  readonly shape: Shape
  readonly topology: World
  /** Each WP also owns the file of the WPs whose first dependency it is: a diamond then has one lane. */
  readonly sharedLanes?: boolean
  /** How many of each WP in order; default 1. */
  readonly subtasks?: readonly number[]
  /** The host as it is installed, which takes seconds for each call, in place of the one that is imported once. */
  readonly plainHost?: boolean
  /** Fields that older versions of the host left out of a legacy mission's meta.json. */
  readonly without?: readonly string[]
  /** `dir` holds a project that the host is set up in, with `work` checked out. */
  readonly hasProject?: boolean
  /** An empty folder for the repository; its maker removes it. A temporary one unless given. */
  readonly dir?: string
}

export interface RealMission {
  /** The main checkout, on the branch `work` that the mission targets. */
  readonly repo: string
  /** Full slug. */
  readonly mission: string
  readonly host: string
  readonly topology: World
  readonly workPackages: readonly PlannedWorkPackage[]
}

/**
 * A planned mission in a repository that is gone after the test. Each WP asks for one line in one file of its own, in
 * the form that the bundled scripted agent does and reviews.
 */
export async function realMission(options: RealMissionOptions): Promise<RealMission> {
  const { topology } = options
  const host = options.plainHost ? realHost() : inject('warmHost')
  const repo = options.dir ?? (await mkdtemp(join(tmpdir(), 'sko-e2e-')))
  // An agent that a failing test left behind may still be writing.
  if (!options.dir) onTestFinished(() => rm(repo, { recursive: true, force: true, maxRetries: 5 }))
  const workPackages = workPackagesOf(options)
  if (!options.hasProject) await makeRepository({ dir: repo, branch: 'work', readme: '# real\n' })
  const { mission } =
    topology === 'legacy'
      ? await planLegacyMission(repo, host, workPackages, options.without ?? [])
      : await planMission({ dir: repo, host, slug: 'real', topology, workPackages })
  return { repo, mission, host, topology, workPackages }
}

function workPackagesOf({ shape, sharedLanes = false, subtasks = [] }: RealMissionOptions): PlannedWorkPackage[] {
  const dependencies: readonly (readonly number[])[] = shapes[shape]
  let subtask = 0
  const nextSubtask = () => `T${String(++subtask).padStart(3, '0')}`
  const file = (number: number) => `src/part${two(number)}.txt`
  return dependencies.map((on, index) => {
    const number = index + 1
    const followers = sharedLanes
      ? dependencies.flatMap((other, at) => (other[0] === number ? [file(at + 1)] : []))
      : []
    return {
      id: `WP${two(number)}`,
      title: `Part ${number}`,
      dependencies: on.map(other => `WP${two(other)}`),
      ownedFiles: [file(number), ...followers],
      subtasks: Array.from({ length: subtasks[index] ?? 1 }, nextSubtask),
      body: `Write exactly these lines into \`${file(number)}\`:\n\n\`\`\`\nPart ${number}\n\`\`\``,
    }
  })
}

/** A mission from before mission ids. `accept-mission` needs slug, friendly_name and created_at in meta.json. */
async function planLegacyMission(
  repo: string,
  host: string,
  workPackages: readonly PlannedWorkPackage[],
  without: readonly string[],
) {
  const mission = '001-real'
  const folder = join(repo, 'kitty-specs', mission)
  const meta = {
    slug: mission,
    mission_slug: mission,
    mission_number: 1,
    mission_type: 'software-dev',
    friendly_name: 'Real',
    title: 'Real',
    target_branch: 'work',
    created_at: '2026-01-01T00:00:00+00:00',
  }
  const fields = Object.entries(meta).filter(([name]) => !without.includes(name))
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'meta.json'), `${JSON.stringify(Object.fromEntries(fields), null, 2)}\n`)
  await writePlanning(folder, workPackages)
  await commitEverything(repo, 'Plan the mission')
  const args = ['agent', 'mission', 'finalize-tasks', '--mission', mission, '--json']
  const { exitCode, stdout, stderr } = await runHost(host, repo, args)
  if (exitCode !== 0) throw new Error(`finalize-tasks exited ${exitCode}\n${stdout}\n${stderr}`)
  return { mission }
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
