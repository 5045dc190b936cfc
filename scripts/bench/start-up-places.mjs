// Two projects for `sko status`: one without a run, and one with a finished run of four WPs.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { at } from './places.mjs'

const slug = 'demo-01M7FAKE'
const ids = ['WP01', 'WP02', 'WP03', 'WP04']

export function idleProject(folder) {
  const repo = join(folder, 'idle')
  mkdirSync(join(repo, '.kittify'), { recursive: true })
  execFileSync('git', ['init', '--quiet', repo])
  return repo
}

/** The run is made with the fake host and fake agents of the tests. Then `program` answers at once, as no host does. */
export function projectWithRun(folder) {
  const [repo, hostFolder, programs] = ['repo', 'host', 'programs'].map(name => join(folder, name))
  for (const path of [repo, hostFolder, programs, join(folder, 'home')]) mkdirSync(path)
  const fakes = {
    ...process.env,
    ...{ FAKE_HOST_DIR: hostFolder, HOME: join(folder, 'home'), GIT_CONFIG_NOSYSTEM: '1' },
    ...{ FAKE_AGENT_JOURNAL: join(folder, 'agents.ndjson'), FAKE_AGENT_SCRIPT: join(folder, 'agents.json') },
    PATH: [at('fixtures/bin'), process.env.PATH].join(delimiter),
  }
  const run = (program, args) =>
    execFileSync(program, args, { cwd: repo, env: fakes, stdio: ['ignore', 'pipe', 'pipe'] })
  write(repo, hostFolder, folder)
  run('git', ['init', '--quiet', '--initial-branch', 'work'])
  run('git', ['config', 'user.name', 'Bench'])
  run('git', ['config', 'user.email', 'bench@example.invalid'])
  run('git', ['add', '--all'])
  run('git', ['commit', '--quiet', '--message', 'Plan the mission'])
  run(process.execPath, [at('bin/sko.js'), 'orchestrate', '--mission', slug])
  writeFileSync(
    join(folder, 'answer.json'),
    run('spec-kitty', ['orchestrator-api', 'mission-state', '--mission', slug]),
  )
  const program = join(programs, 'spec-kitty')
  writeFileSync(program, `#!/bin/sh\ncat '${join(folder, 'answer.json')}'\n`)
  chmodSync(program, 0o755)
  return { repo, env: { ...fakes, PATH: [programs, process.env.PATH].join(delimiter) } }
}

function write(repo, hostFolder, folder) {
  const mission = join(repo, 'kitty-specs', slug)
  mkdirSync(join(mission, 'tasks'), { recursive: true })
  for (const name of ['.kittify', 'src']) mkdirSync(join(repo, name))
  const json = (path, value) => writeFileSync(path, JSON.stringify(value))
  const [missionId, topology, targetBranch] = ['01M7FAKERVE6YS6X0XDHE1R6Q9', 'lanes', 'work']
  json(join(mission, 'meta.json'), {
    mission_id: missionId,
    topology,
    slug,
    mission_slug: slug,
    target_branch: targetBranch,
  })
  writeFileSync(join(repo, '.gitignore'), '.kittify/logs/\n.kittify/runtime/\n.worktrees/\n')
  writeFileSync(join(repo, '.kittify', 'config.yaml'), 'agents:\n  available: []\n')
  for (const id of ids) {
    const text = `---\nwork_package_id: ${id}\ntitle: Part of ${id}\ndependencies: []\nsubtasks: []\n---\n\n# ${id}\n`
    writeFileSync(join(mission, 'tasks', `${id}-part.md`), text)
  }
  const wps = ids.map((id, index) => {
    const laneId = `lane-${'abcd'[index]}`
    return [id, { lane: 'planned', dependencies: [], subtasks: {}, laneId }]
  })
  json(join(hostFolder, 'state.json'), {
    ...{ slug, missionId, topology, contractVersion: '1.5.0', cliVersion: '3.2.7', targetBranch },
    ...{ wps: Object.fromEntries(wps), events: [], acceptances: [], merged: false, metaOnMission: false },
  })
  json(join(folder, 'agents.json'), [])
}
