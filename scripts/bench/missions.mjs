// The missions: each is planned once with the real host, and copied for every run.
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Dependencies of WP01, WP02, ... by their numbers. */
export const shapes = {
  single: [[]],
  chain4: [[], [1], [2], [3]],
  wide4: Array(4).fill([]),
  diamond: [[], [1], [1], [2, 3]],
  wide12: Array(12).fill([]),
}

export const titles = {
  single: 'single',
  chain4: 'chain 4',
  wide4: 'wide 4',
  diamond: 'diamond',
  wide12: 'wide 12',
}

/**
 * All runs use one path: the repository of a coord mission has worktrees with absolute paths, so a copy works only where
 * the original was made.
 */
export function createMissions(scratch, { host, makeCall, seedMission }) {
  const repo = join(scratch, 'repo')
  const known = new Map()

  async function plan(shape) {
    mkdirSync(repo)
    const { mission } = await seedMission({
      ...{ dir: repo, host, slug: `bench-${shape}`, workPackages: workPackagesOf(shape), topology: 'coord' },
      makeCall,
    })
    const template = join(scratch, 'templates', shape)
    mkdirSync(join(scratch, 'templates'), { recursive: true })
    renameSync(repo, template)
    known.set(shape, { mission, template })
  }

  return {
    repo,
    /** Returns the full slug of a mission in which nothing is done yet. */
    fresh: async (shape, config) => {
      if (!known.has(shape)) await plan(shape)
      const { mission, template } = known.get(shape)
      cpSync(template, repo, { recursive: true, verbatimSymlinks: true })
      if (config !== null) writeFileSync(join(repo, '.kittify', 'orchestrator.yaml'), config)
      return mission
    },
    remove: () => {
      if (existsSync(repo)) rmSync(repo, { recursive: true, maxRetries: 5 })
    },
  }
}

function workPackagesOf(shape) {
  return shapes[shape].map((dependencies, index) => {
    const two = number => String(number).padStart(2, '0')
    const number = two(index + 1)
    return {
      id: `WP${number}`,
      title: `Part ${number}`,
      dependencies: dependencies.map(other => `WP${two(other)}`),
      ownedFiles: [`src/part${number}.txt`],
      subtasks: [],
      body: `Write a line into \`src/part${number}.txt\`.`,
    }
  })
}
