import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNothingLeft } from '../cli/support/leaks.ts'
import { type RunningSko, type SkoResult, startSko } from '../cli/support/run-sko.ts'
import { laneEvents } from '../e2e/support/host-record.ts'
import {
  callBegun,
  copyOf,
  type KilledMission,
  makeTemplate,
  runningCall,
  type Template,
  type Topology,
} from './support/killed-mission.ts'

/** Random moments per topology. One alone: `-t 'coord, seed 17:'`. */
const seeds = Array.from({ length: Number(process.env.SKO_REAL_KILLS ?? 3) }, (_, index) => index + 1)

/** Host calls of an undisturbed run until its acceptance; the kill comes at or after the start of one of them. */
const callsOfRun = 14
const longestDelayMs = 3000
const mostResumes = 3
const patience = { timeoutMs: 300_000 }

interface Plan {
  readonly victim: 'sko' | 'host call'
  /** Of a host call: its process alone, or with the git that it has started. */
  readonly group: boolean
  readonly chained: boolean
  readonly merge: boolean
  /** Host call at whose start the clock of `delayMs` begins. */
  readonly call: number
  readonly delayMs: number
}

function planOf(seed: number): Plan {
  const random = randomNumbers(seed)
  const merge = seed % 3 === 0
  return {
    victim: seed % 2 === 0 ? 'host call' : 'sko',
    group: random() < 0.5,
    chained: random() < 0.5,
    merge,
    call: 1 + Math.floor(random() * (callsOfRun + (merge ? 1 : 0))),
    delayMs: Math.floor(random() * longestDelayMs),
  }
}

/** mulberry32 */
function randomNumbers(seed: number): () => number {
  let state = seed * 0x9e3779b1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

describe.each<Topology>(['coord', 'lanes'])('%s', topology => {
  const templates = new Map<boolean, Template>()
  beforeAll(async () => {
    for (const chained of [false, true]) templates.set(chained, await makeTemplate(topology, chained))
  }, 300_000)
  afterAll(async () => {
    for (const { folder } of templates.values()) await rm(folder, { recursive: true, force: true })
  })

  it.each(seeds)(`${topology}, seed %i: killed once, resumed, done`, { timeout: 900_000 }, async seed => {
    const plan = planOf(seed)
    const template = templates.get(plan.chained)
    if (template === undefined) throw new Error('there is no template')
    const began = performance.now()
    const { mission, hit, sko } = await killedRun(template, plan)
    const ends = [wordsOf(await sko.exited)]
    while (!ends.at(-1)?.startsWith('0') && ends.length <= mostResumes) {
      // Killed before the run was on disk, which resume says.
      const again = ends.at(-1)?.includes('there is no saved run') ? orchestrate(mission, plan) : ['resume']
      ends.push(wordsOf(await startSko(mission, again, patience).exited))
    }
    const seconds = Math.round((performance.now() - began) / 1000)
    const calls = mission.calls().length
    console.log(`${topology}, seed ${seed}: ${JSON.stringify({ ...plan, hit, ends, calls, seconds })}`)
    expect(ends.at(-1)).toMatch(/^0/)
    await expectNothingLeft(mission)
    await expectEverythingDone(mission, plan)
  })
})

interface KilledRun {
  readonly mission: KilledMission
  /** In words. */
  readonly hit: string
  readonly sko: RunningSko
}

/** Runs that are over before their moment are made again with half the delay: the speed of the host is not known. */
async function killedRun(template: Template, plan: Plan): Promise<KilledRun> {
  for (let delayMs = plan.delayMs; ; delayMs = Math.floor(delayMs / 2)) {
    const mission = await copyOf(template)
    const sko = startSko(mission, orchestrate(mission, plan), patience)
    const hit = await killOnce(mission, sko, { ...plan, delayMs })
    if (hit !== null) return { mission, hit, sko }
    const { exitCode, stderr } = await sko.exited
    expect([exitCode, stderr], 'of an undisturbed run').toEqual([0, ''])
  }
}

function orchestrate({ mission }: KilledMission, { merge }: Plan): readonly string[] {
  return ['orchestrate', '--mission', mission, ...(merge ? ['--merge', 'merge'] : [])]
}

function wordsOf({ exitCode, signal, stdout, stderr }: SkoResult): string {
  if (exitCode === 0) return '0'
  return [String(exitCode ?? signal), ...stderr.trim().split('\n'), ...stdout.trim().split('\n').slice(-4)].join(' | ')
}

/** What was hit, in words; null when the run was over first. */
async function killOnce(mission: KilledMission, sko: RunningSko, plan: Plan): Promise<string | null> {
  const over = new AbortController()
  void sko.exited.finally(() => over.abort())
  const begun = await callBegun(mission, plan.call, over.signal)
  await sleep(plan.delayMs, undefined, { signal: over.signal }).catch(() => undefined)
  if (begun === null || over.signal.aborted) return null
  if (plan.victim === 'sko') {
    sko.kill('SIGKILL')
    return `sko ${plan.delayMs} ms after the start of ${begun.line}`
  }
  const running = await runningCall(mission, over.signal)
  if (running === null) return null
  process.kill(plan.group ? -running.pid : running.pid, 'SIGKILL')
  return running.line
}

async function expectEverythingDone(mission: KilledMission, plan: Plan): Promise<void> {
  const moves = laneEvents(mission).filter(({ to_lane }) => to_lane !== 'planned')
  const lanesOf = (wpId: string) => moves.filter(move => move.wp_id === wpId).map(move => move.to_lane)
  const straight = ['claimed', 'in_progress', 'for_review', 'in_review', 'approved', ...(plan.merge ? ['done'] : [])]
  expect({ WP01: lanesOf('WP01'), WP02: lanesOf('WP02') }).toEqual({ WP01: straight, WP02: straight })
  expect(moves.filter(move => move.force)).toEqual([])
  for (const [wpId, lane] of [
    ['WP01', 'lane-a'],
    ['WP02', 'lane-b'],
  ]) {
    const branch = plan.merge ? 'work' : `kitty/mission-${mission.mission}-${lane}`
    const file = await execa('git', ['show', `${branch}:src/${wpId}.txt`], { cwd: mission.repo })
    expect(file.stdout).toContain(`${wpId} implementation attempt`)
  }
}
