import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { hostEnvironment } from '../../src/host/sharp-edges.ts'
import { type MakeCall, openWarmHost } from '../../src/host/warm/warm-host.ts'
import { runHostCall } from '../../src/process/host-call.ts'
import { whole } from '../whole.ts'
import { realHost } from './support/real-host.ts'
import { realMission } from './support/real-mission.ts'

/** What the real host was asked when it was recorded: answers, refusals of every layer, a change, and a traceback. */
const first = [
  'contract-version/success',
  'unknown/unknown-command',
  'start-implementation/success-from-planned',
  'transition/unknown-lane',
  'append-history/note-unicode',
  'mission-state/path-traversal',
]
const folder = join(import.meta.dirname, '../../fixtures/host')
const recorded = readdirSync(folder).flatMap(verb =>
  readdirSync(join(folder, verb)).map(file => `${verb}/${file.replace('.json', '')}`),
)
const asked = whole ? [...first, ...recorded.filter(name => !first.includes(name))] : first

const wholeMs = 3_600_000

it(
  'answers each recorded call as a cold call does, and leaves the same files and commits',
  async () => {
    const mission = await realMission({ shape: 'diamond', topology: 'lanes' })
    const coldRepo = mkdtempSync(join(tmpdir(), 'sko-e2e-cold-'))
    onTestFinished(() => rmSync(coldRepo, { recursive: true, force: true, maxRetries: 5 }))
    cpSync(mission.repo, coldRepo, { recursive: true, verbatimSymlinks: true })
    const warm = openWarmHost({ command: realHost(), cwd: mission.repo, env: environmentIn(mission.repo) })
    onTestFinished(warm.close)
    const reasons: unknown[] = []
    warm.onCold(why => reasons.push(why))

    const answers = { cold: new Map<string, unknown>(), warm: new Map<string, unknown>() }
    for (const name of asked) {
      answers.cold.set(name, await answerOf(name, coldRepo, mission.mission, call => runHostCall(call)))
      answers.warm.set(name, await answerOf(name, mission.repo, mission.mission, warm.call))
    }

    expect(reasons).toEqual([])
    expect(answers.warm).toEqual(answers.cold)
    expect(contentOf(mission.repo)).toEqual(contentOf(coldRepo))
    expect(commitsOf(mission.repo)).toEqual(commitsOf(coldRepo))
  },
  whole ? wholeMs : undefined,
)

function environmentIn(repo: string): Readonly<Record<string, string>> {
  return hostEnvironment(process.env, realHost(), repo)
}

async function answerOf(name: string, cwd: string, mission: string, make: MakeCall) {
  const recording: { readonly argv: readonly string[] } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  const args = recording.argv.slice(1).map(word => word.replaceAll(/\bdemo-01M7[0-9A-Z]{4}\b/g, mission))
  const call = { file: realHost(), args, cwd, env: environmentIn(cwd), timeoutSeconds: 600, maxBytes: 10_000_000 }
  const result = await make(call, true)
  if (result.kind !== 'exited') return result
  const { exitCode, stdout, stderr } = result
  return { exitCode, stdout: same(stdout, cwd), stderr: same(stderr, cwd) }
}

/** Without what differs between two calls of one program. */
function same(text: string, repo: string): string {
  return text
    .replaceAll(repo, 'REPO')
    .replaceAll(/corr-[0-9a-f]{32}/g, 'CORRELATION')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, 'ULID')
    .replaceAll(/\b[0-9a-f]{7,40}\b/g, 'HEX')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)/g, 'TIME')
}

/** Every file but those of git, with what is the same in both. */
function contentOf(repo: string): Readonly<Record<string, string>> {
  const files = readdirSync(repo, { recursive: true, encoding: 'utf8' })
    .map(name => join(repo, name))
    .filter(path => !/\/\.git(?:\/|$)/.test(path) && statSync(path).isFile())
  return Object.fromEntries(files.map(path => [relative(repo, path), same(readFileSync(path, 'utf8'), repo)]))
}

function commitsOf(repo: string): readonly string[] {
  const log = execFileSync('git', ['log', '--all', '--format=%s %D', '--topo-order'], { cwd: repo, encoding: 'utf8' })
  return log.split('\n').map(line => same(line, repo))
}
