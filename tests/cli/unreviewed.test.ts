import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import type { FakeMissionInit } from './support/fake-mission.ts'
import { commandsOf } from './support/next-commands.ts'
import { runSko, type SkoResult, startSko } from './support/run-sko.ts'
import { createScenario, lanesOf, type Scenario } from './support/scenario.ts'

const sko = fileURLToPath(new URL('../../bin/sko.js', import.meta.url))
const one = { shape: { WP01: [] }, topology: 'lanes' } as const
const two = { shape: { WP01: [], WP02: [] }, topology: 'lanes' } as const
const policy = JSON.stringify({
  ...{ orchestrator_id: 'a', orchestrator_version: '1', agent_family: 'a', approval_mode: 'a' },
  ...{ sandbox_mode: 'a', network_mode: 'a', dangerous_flags: [] },
})
const evidence = JSON.stringify({ review: { reviewer: 'me', verdict: 'approved', reference: 'r' } })
const commitWork =
  'cat >/dev/null; mkdir -p src; echo "work of $SKO_WP" > src/$SKO_WP.txt; git add -A; git -c user.name=a -c user.email=a@a commit -qm "$SKO_WP"'

/** What an agent types to move a WP at the host. */
function move(mission: Scenario, wp: string, to: string, more = ''): string {
  return `spec-kitty orchestrator-api transition --mission ${mission.slug} --wp ${wp} --to ${to} --actor claude --policy '${policy}' ${more} >/dev/null 2>&1`
}

function approve(mission: Scenario, wp: string): string {
  return move(mission, wp, 'approved', `--evidence-json '${evidence}'`)
}

/** A mission whose implementers commit their work and then do `act`. */
async function scenarioOf(init: FakeMissionInit, act: (mission: Scenario) => string, more = ''): Promise<Scenario> {
  const mission = await createScenario(init)
  const impl = await mission.script('impl', `${commitWork}\n${act(mission)}\necho done`)
  await mission.writeConfig(
    `agents: {implementation: [odd], review: [codex], custom: {odd: {command: ['${impl}']}}}\nfinish: {merge: merge}\n${more}`,
  )
  return mission
}

function run(mission: Scenario, ...more: readonly string[]): Promise<SkoResult> {
  return runSko(mission, ['orchestrate', '--mission', mission.slug, ...more])
}

function onTarget(mission: Scenario): Promise<string> {
  return mission.git('ls-tree', '-r', '--name-only', 'work', 'src')
}

/** Runs the commands that the report prints under `Next`. */
async function runNext(mission: Scenario, { stdout }: SkoResult): Promise<SkoResult> {
  const [, section = ''] = stdout.split('\nNext:\n')
  const commands = section
    .split('\n')
    .filter(line => line.startsWith('  '))
    .map(line => line.trim().replace(/ {3}\(.*$/, ''))
  let last: SkoResult | null = null
  for (const command of commands) {
    const [program, ...args] = command.split(' ')
    if (program !== 'sko') throw new Error(`not a command of ours: ${command}`)
    last = await runSko(mission, args)
  }
  if (last === null) throw new Error(`no next command in\n${stdout}`)
  return last
}

describe('a work package that was approved by others than a review of the run', () => {
  it('is neither merged nor accepted nor counted, and the printed commands let a person vouch for it', async () => {
    const mission = await scenarioOf(one, mission => approve(mission, 'WP01'))
    const result = await run(mission)

    expect(result.exitCode).toBe(1)
    expect(result.stdout).toContain('0 of 1 work packages approved or done')
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved' })
    expect(await onTarget(mission)).toBe('src/common.txt')
    expect((await mission.state()).acceptances).toEqual([])
    const told = result.events().filter(event => event.type === 'approved-by-others')
    expect(told).toMatchObject([
      { wpId: 'WP01', lane: 'approved', next: [{ command: expect.stringContaining('sko confirm WP01') }] },
    ])
    const status = await runSko(mission, ['status'])
    expect(status.stdout).toContain('but not by a review of this run')

    // A new run knows no more about it.
    const again = await run(mission)
    expect([again.exitCode, await onTarget(mission)]).toEqual([1, 'src/common.txt'])

    const confirmed = await runNext(mission, again)
    expect([confirmed.exitCode, confirmed.stderr]).toEqual([0, ''])
    expect(confirmed.stdout).toContain('1 of 1 work packages approved or done, merged, accepted')
    expect(await onTarget(mission)).toBe('src/WP01.txt\nsrc/common.txt')
  })

  itInFull('is not built on: what depends on it does not begin', async () => {
    const chain = { shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' } as const
    const mission = await scenarioOf(chain, mission => approve(mission, 'WP01'))
    const result = await run(mission)
    expect(result.exitCode).toBe(1)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'planned' })
    expect(result.stdout).toContain('WP02: it waits for WP01 (approved)')
  })

  itInFull('is one that the agent of another has moved, or has forged', async () => {
    const acts: readonly ((mission: Scenario) => string)[] = [
      mission =>
        `if [ $SKO_WP = WP01 ]; then ${['claimed', 'in_progress'].map(to => move(mission, 'WP02', to)).join('; ')}; ${approve(mission, 'WP02')}; fi`,
      // What is written into the host's own record is read back as any move.
      mission =>
        `if [ $SKO_WP = WP01 ]; then node -e 'const fs = require("fs"), f = process.env.FAKE_HOST_DIR + "/state.json", s = JSON.parse(fs.readFileSync(f)); s.wps.WP02.lane = "done"; fs.writeFileSync(f, JSON.stringify(s))'; fi; echo ${mission.slug} >/dev/null`,
    ]
    for (const act of acts) {
      const mission = await scenarioOf(two, act)
      const result = await run(mission, '--max-concurrent', '1')
      expect(result.exitCode).toBe(1)
      expect(result.stdout).toContain('1 of 2 work packages approved or done')
      expect(result.events().find(event => event.type === 'approved-by-others')).toMatchObject({ wpId: 'WP02' })
      expect(await onTarget(mission)).toBe('src/common.txt')
    }
  })

  it('is not confirmed by an agent, whatever command it has read', async () => {
    const mission = await scenarioOf(one, mission => {
      const said = mission.path('said')
      const confirm = `${process.execPath} ${sko} confirm WP01 --commit $(git rev-parse HEAD)`
      return `${approve(mission, 'WP01')}; ${confirm} >>${said} 2>&1; env -u SKO_RUN_ID ${confirm} >>${said} 2>&1`
    })
    const result = await run(mission)
    expect(result.exitCode).toBe(1)
    const said = readFileSync(mission.path('said'), 'utf8')
    expect(said.match(/sko confirm is for people, and this one was started by an agent/g)).toHaveLength(2)
    expect(await onTarget(mission)).toBe('src/common.txt')
  })

  itInFull('is taken as it is, and named, where it was so before sko started', async () => {
    const mission = await scenarioOf(two, () => ':')
    await runSko(mission, ['orchestrate', '--mission', mission.slug, '--wp', 'WP01', '--no-accept'])
    // Another machine, or a person by hand: nothing of it is known here.
    for (const name of ['orchestrator-run-state.json', 'orchestrator-run-state.json.bak']) {
      rmSync(join(mission.repo, '.kittify', name), { force: true })
    }
    const result = await run(mission)
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(result.events().find(event => event.type === 'taken-as-given')).toMatchObject({ wpIds: ['WP01'] })
    expect(await onTarget(mission)).toBe('src/WP01.txt\nsrc/WP02.txt\nsrc/common.txt')
  })
})

describe('sko confirm', () => {
  itInFull('lets a running run continue with what depends on it', async () => {
    const shape = { WP01: [], WP02: [], WP03: ['WP01'] }
    const mission = await scenarioOf({ shape, topology: 'lanes' }, mission => {
      const wait = `while [ ! -e ${mission.path('gate')} ]; do sleep 0.1; done`
      return `case $SKO_WP in WP01) ${approve(mission, 'WP01')} ;; WP02) ${wait} ;; esac`
    })
    const running = startSko(mission, ['orchestrate', '--mission', mission.slug])
    const told = await running.waitForEvent(({ type }) => type === 'approved-by-others')

    const [, ...confirm] = commandsOf(told)[0]?.split(' ') ?? []
    const confirmed = await runSko(mission, confirm)

    expect([confirmed.exitCode, confirmed.stderr]).toEqual([0, ''])
    expect(confirmed.stdout).toContain('WP01 (approved) is confirmed at ')
    await running.waitForEvent(({ type, wpId }) => type === 'attempt-started' && wpId === 'WP03')
    writeFileSync(mission.path('gate'), '')
    const result = await running.exited
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(result.events().filter(({ type }) => type === 'confirmed')).toMatchObject([{ wpId: 'WP01' }])
    expect(result.stdout).toContain('3 of 3 work packages approved or done, merged, accepted')
    expect(await onTarget(mission)).toBe('src/WP01.txt\nsrc/WP02.txt\nsrc/WP03.txt\nsrc/common.txt')
  })

  it.each(
    cover(1, [
      [
        'another commit than the one that would be merged',
        'WP01',
        'work',
        'only what would be merged can be confirmed',
      ],
      ['what git does not know', 'WP01', 'nonsense', 'git knows no commit nonsense'],
      ['what is not approved', 'WP02', 'HEAD', 'WP02 is planned: only what is approved or done can be confirmed'],
    ]),
  )('refuses %s', async (_, wp, commit, words) => {
    const mission = await scenarioOf(two, mission => `[ $SKO_WP = WP02 ] || ${approve(mission, 'WP01')}`)
    await run(mission, '--wp', 'WP01')
    const result = await runSko(mission, ['confirm', wp, '--commit', commit])
    expect(result.exitCode).not.toBe(0)
    expect(`${result.stdout}${result.stderr}`).toContain(words)
  })
})

describe('a commit that no judgement covers', () => {
  const intruder = async (mission: Scenario, lane: string) => {
    const path = join(mission.repo, '.worktrees', `${mission.slug}-${lane}`)
    writeFileSync(join(path, 'src', 'unreviewed.txt'), 'nobody looked at this\n')
    await mission.git('-C', path, 'add', '-A')
    await mission.git('-C', path, 'commit', '-qm', 'unreviewed')
  }

  it('is not merged, although two lanes have it; confirmed, it is', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: ['WP01'] }, topology: 'lanes' })
    await runSko(mission, ['orchestrate', '--mission', mission.slug, '--wp', 'WP01', '--no-accept'])
    await runSko(mission, ['orchestrate', '--mission', mission.slug, '--no-accept'])
    await intruder(mission, 'lane-a')
    const lane = join(mission.repo, '.worktrees', `${mission.slug}-lane-b`)
    await mission.git('-C', lane, 'merge', '-q', '--no-edit', `kitty/mission-${mission.slug}-lane-a`)

    const result = await runSko(mission, ['resume', '--merge', 'merge'])
    expect(result.exitCode).toBe(1)
    expect(await onTarget(mission)).toBe('src/common.txt')
    const found = result.events().find(event => event.type === 'uncovered')
    expect(found).toMatchObject({ merged: false, commits: [{ files: ['src/unreviewed.txt'], wpIds: ['WP01'] }] })

    const confirmed = await runNext(mission, result)
    expect([confirmed.exitCode, await onTarget(mission)]).toEqual([
      0,
      'src/WP01.txt\nsrc/WP02.txt\nsrc/common.txt\nsrc/unreviewed.txt',
    ])
  })

  itInFull('is not merged where an agent made it in the lane of another, or in the branch of the mission', async () => {
    const acts = ['lane-a', 'coord']
    for (const place of acts) {
      const mission = await scenarioOf(
        { shape: { WP01: [], WP02: ['WP01'] } },
        mission =>
          `[ $SKO_WP = WP02 ] && cd "$SKO_REPO/.worktrees/${mission.slug}-${place}" && mkdir -p src && echo x > src/unreviewed.txt && git add src && git -c user.name=a -c user.email=a@a commit -qm more`,
      )
      const result = await run(mission)
      expect([place, result.exitCode]).toEqual([place, 1])
      expect(await onTarget(mission)).toBe('src/common.txt')
      const found = result.events().find(event => event.type === 'uncovered')
      expect(found).toMatchObject({ commits: [{ files: ['src/unreviewed.txt'] }] })
      expect((await runNext(mission, result)).exitCode).toBe(0)
    }
  })

  it('is found after the merge too', async () => {
    const mission = await scenarioOf(one, () => ':')
    // The host itself merges more than there was.
    const host = await mission.script(
      'greedy',
      `case "$*" in *merge-mission*) cd .worktrees/*-lane-a && echo x > src/late.txt && git add -A && git -c user.name=a -c user.email=a@a commit -qm late && cd ../.. ;; esac
exec ${mission.hostCommand} "$@"`,
    )
    appendFileSync(join(mission.repo, '.kittify', 'orchestrator.yaml'), `host: {command: ${host}}\n`)
    const result = await run(mission)
    expect(result.exitCode).toBe(1)
    const found = result.events().find(event => event.type === 'uncovered')
    expect(found).toMatchObject({ merged: true, commits: [{ files: ['src/late.txt'] }] })
    expect((await runSko(mission, ['resume'])).exitCode).toBe(1)
    expect((await runNext(mission, result)).exitCode).toBe(0)
  })
})

describe('a merge or an acceptance that the run did not ask for', () => {
  itInFull('by an agent that also approved itself is not taken for ours', async () => {
    const mission = await scenarioOf(
      one,
      mission =>
        `${approve(mission, 'WP01')}; cd "$SKO_REPO"; for verb in merge-mission accept-mission; do spec-kitty orchestrator-api $verb --mission ${mission.slug} $([ $verb = accept-mission ] && echo --actor me) >/dev/null 2>&1; done`,
    )
    const result = await run(mission)
    expect(result.exitCode).toBe(1)
    const finished = result.events().find(event => event.type === 'run-finished')
    expect(finished).toMatchObject({ merged: false, accepted: false })
    expect(result.events().find(event => event.type === 'approved-by-others')).toMatchObject({ wpId: 'WP01' })
    const merged = result.events().filter(({ type }) => type === 'lanes-merged-by-others')
    expect(merged).toMatchObject([
      { branches: [expect.stringContaining('lane-a')], ran: [{ wpId: 'WP01', attempt: 1 }] },
    ])
  })

  it('by an agent, is named with who ran at the time, and the printed command takes the record of it back', async () => {
    const accept = (mission: Scenario) =>
      `spec-kitty orchestrator-api accept-mission --mission ${mission.slug} --actor me >/dev/null 2>&1`
    const mission = await scenarioOf(one, mission => `${approve(mission, 'WP01')}; ${accept(mission)}`)
    const result = await run(mission)
    expect(result.exitCode).toBe(1)
    const told = result.events().filter(({ type }) => type === 'accepted-by-others')
    expect(told).toMatchObject([{ ran: [{ wpId: 'WP01', role: 'implementation', agent: 'odd', attempt: 1 }] }])
    const meta = () => JSON.parse(readFileSync(join(mission.repo, 'kitty-specs', mission.slug, 'meta.json'), 'utf8'))
    expect(meta()).toHaveProperty('accepted_at')
    await execa('sh', ['-c', commandsOf(told[0])[0] ?? 'false'], { cwd: mission.repo })
    expect(meta()).not.toHaveProperty('accepted_at')

    const confirmed = await runNext(mission, result)
    expect([confirmed.exitCode, confirmed.stderr]).toEqual([0, ''])
    // Our merge is not reported as someone else's.
    expect(confirmed.events().filter(({ type }) => type === 'accepted-by-others')).toEqual([])
    expect((await mission.state()).acceptances).toHaveLength(2)
  })

  itInFull('by an agent, where the file has other changes: no command is printed that would drop them', async () => {
    const field = `sed -i '1a "friendly_name_of_mine": "Mine",' "$SKO_REPO"/kitty-specs/*/meta.json`
    const accept = (mission: Scenario) =>
      `spec-kitty orchestrator-api accept-mission --mission ${mission.slug} --actor me >/dev/null 2>&1`
    const mission = await scenarioOf(one, mission => `${approve(mission, 'WP01')}; ${field}; ${accept(mission)}`)
    const result = await run(mission)
    const file = join(mission.repo, 'kitty-specs', mission.slug, 'meta.json')
    expect(result.events().filter(({ type }) => type === 'accepted-by-others')).toMatchObject([{ file, next: [] }])
    expect(result.stdout).toContain(`from ${file} by hand: the file has other uncommitted changes`)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('friendly_name_of_mine')
  })

  itInFull('by a person, of what the run has reviewed, is found and named', async () => {
    const mission = await scenarioOf(one, () => ':')
    await mission.writeConfig('agents: {implementation: [claude-code], review: [codex]}\n')
    expect((await run(mission, '--no-accept')).exitCode).toBe(0)
    await execa(mission.hostCommand, ['orchestrator-api', 'merge-mission', '--mission', mission.slug], {
      cwd: mission.repo,
      env: mission.env,
    })
    const result = await runSko(mission, ['resume', '--merge', 'merge', '--accept'])
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(result.events().filter(event => event.type.startsWith('merged'))).toMatchObject([
      { type: 'merged-by-others', targetBranch: 'work' },
    ])
  })
})

describe('files whose changes git is set to ignore', () => {
  it.each(cover(1, ['--skip-worktree', '--assume-unchanged']))(
    'are committed as they are, by %s: a check sees the commit',
    async flag => {
      const mission = await scenarioOf(
        one,
        () => `git update-index ${flag} src/common.txt; echo patched > src/common.txt`,
        "checks: ['grep -rq patched src']\n",
      )
      const result = await run(mission)
      expect(result.exitCode).toBe(0)
      expect(await mission.git('show', 'work:src/common.txt')).toBe('patched')
    },
  )
})
