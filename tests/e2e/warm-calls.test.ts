import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { hostEnvironment } from '../../src/host/sharp-edges.ts'
import { type MakeCall, openWarmHost } from '../../src/host/warm/warm-host.ts'
import { runHostCall } from '../../src/process/host-call.ts'
import { whole } from '../whole.ts'
import { commitsOf, contentOf, same } from './support/compare.ts'
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
