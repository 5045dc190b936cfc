import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, inject, it, onTestFinished } from 'vitest'
import { policy } from '../../src/demo/seed.ts'
import { hostEnvironment } from '../../src/host/sharp-edges.ts'
import { cover } from '../in-full.ts'
import { laneEvents } from './support/host-record.ts'
import { realHost } from './support/real-host.ts'
import { realMission } from './support/real-mission.ts'

const writing = ['--actor', 'test', '--policy', policy]

/** Calls with their exit codes: answers, refusals of every layer, a change, and an exception that is not caught. */
const calls = cover(5, [
  [0, 'orchestrator-api', 'start-implementation', '--mission', 'MISSION', '--wp', 'WP01', ...writing],
  [1, 'orchestrator-api', 'transition', '--mission', 'MISSION', '--wp', 'WP01', '--to', 'for_review', ...writing],
  [1, 'orchestrator-api', 'transition', '--mission', 'MISSION', '--wp', 'WP01', '--to', 'nowhere', ...writing],
  [0, 'agent', 'tasks', 'mark-status', 'T001', '--status', 'done', '--mission', 'MISSION', '--json'],
  [0, 'orchestrator-api', 'mission-state', '--mission', 'MISSION'],
  [0, 'orchestrator-api', 'contract-version'],
  [0, 'orchestrator-api', 'list-ready', '--mission', 'MISSION'],
  [2, 'orchestrator-api', 'nothing-of-that-name'],
])

it('the host that is imported once answers as the plain program, and writes what that writes', async () => {
  const warm = await realMission({ shape: 'single', topology: 'lanes' })
  const cold = await mkdtemp(join(tmpdir(), 'sko-e2e-cold-'))
  onTestFinished(() => rm(cold, { recursive: true, force: true, maxRetries: 5 }))
  await cp(warm.repo, cold, { recursive: true, verbatimSymlinks: true })

  const answers = async (host: string, repo: string) => {
    const all = []
    for (const [, ...call] of calls) all.push(await answerOf(host, repo, call, warm.mission))
    return all
  }
  const [plain, fast] = [await answers(realHost(), cold), await answers(inject('warmHost'), warm.repo)]

  expect(fast).toEqual(plain)
  expect(plain.map(answer => answer.exitCode)).toEqual(calls.map(([exitCode]) => exitCode))
  expect(laneEvents(warm).map(({ to_lane }) => to_lane)).toEqual(['planned', 'claimed', 'in_progress'])
  expect(laneEvents(warm)).toEqual(laneEvents({ ...warm, repo: cold }))
})

async function answerOf(host: string, repo: string, call: readonly string[], mission: string) {
  const args = call.map(word => (word === 'MISSION' ? mission : word))
  const result = await execa(host, args, {
    cwd: repo,
    env: hostEnvironment(process.env, host, repo),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
  })
  return { exitCode: result.exitCode, stdout: same(result.stdout, repo), stderr: same(lastWords(result.stderr), repo) }
}

/** Without what differs between two calls of one program. */
function same(text: string, repo: string): string {
  return text
    .replaceAll(repo, 'REPO')
    .replaceAll(/corr-[0-9a-f]{32}/g, 'CORRELATION')
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, 'ULID')
    .replaceAll(/\b[0-9a-f]{40}\b/g, 'COMMIT')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)/g, 'TIME')
}

/** The frames of a traceback begin in the program that was started. */
function lastWords(stderr: string): string {
  return stderr.includes('Traceback') ? (stderr.trimEnd().split('\n').at(-1) ?? '') : stderr
}
