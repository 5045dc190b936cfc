import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startSko } from './run-sko.ts'
import { createScenario, lanesOf, logsOf, until } from './scenario.ts'

/** What an agent may print without end: a shell command for each, and the log in which it must be found again. */
const floods = {
  WP01: ['zero bytes, no newline', 'cat /dev/zero', 'out'],
  WP02: ['no newline, on stderr', "tr '\\0' x < /dev/zero", 'err'],
  WP03: ['short lines', 'yes Reading the next file', 'out'],
  WP04: ['invalid UTF-8, no newline', "tr '\\0' '\\377' < /dev/zero", 'out'],
  WP05: ['short lines on stderr', 'yes warning: deprecated', 'err'],
  WP06: ['JSON records', `yes '{"type":"assistant","message":{"content":[{"type":"text","text":"I go on."}]}}'`, 'out'],
  WP07: ['a JSON record that never ends', `{ printf '{"text":"'; tr '\\0' a < /dev/zero; }`, 'out'],
  WP08: ['control sequences', `yes "$(printf '\\033[2J\\033]52;c;aGk=\\007\\302\\233')"`, 'out'],
} as const

export type FloodingWp = keyof typeof floods

export const floodingWps = ['WP01', 'WP02', 'WP03', 'WP04', 'WP05', 'WP06', 'WP07', 'WP08'] as const

export interface Flooded {
  /** Bytes of resident memory at most. */
  readonly peakMemory: number
  /** Floods whose log is not what was printed, byte for byte. */
  readonly differing: readonly string[]
  readonly exitCode: number | null
  readonly notDone: readonly string[]
}

/** The built program with all these agents at once, each of which prints so many bytes. */
export async function flood(ids: readonly FloodingWp[], bytes: number, patienceMs: number): Promise<Flooded> {
  const mission = await createScenario({ shape: Object.fromEntries(ids.map(id => [id, []])), topology: 'lanes' })
  const [writing, looking, go] = [mission.path('writing'), mission.path('looking'), mission.path('go')]
  mkdirSync(writing)
  mkdirSync(looking)
  const cases = ids.map(id => {
    const [, command, log] = floods[id]
    return `${id}) ${limited(command, bytes)}${log === 'err' ? ' >&2' : ''};;`
  })
  // All print at once; all have been read when the last reviewer waits.
  const program = await mission.script(
    'printer',
    `if [ "$1" = look ]; then
  touch "${looking}/$SKO_WP"
  until [ -e "${go}" ]; do sleep 0.05; done
  echo '{"verdict":"approved","summary":"Fine.","findings":[],"checks":[]}'
  exit
fi
touch "${writing}/$SKO_WP"
until [ "$(ls "${writing}" | wc -l)" -eq ${ids.length} ]; do sleep 0.05; done
case $SKO_WP in
${cases.join('\n')}
esac
echo work > "src/$SKO_WP.txt"`,
  )
  await mission.writeConfig(`max_concurrent_wps: ${ids.length}
agents:
  implementation: [printer]
  review: [printer]
  custom:
    printer: {command: ['${program}', write], review: true, review_command: ['${program}', look]}
review: {reviewer: any}
`)

  const sko = startSko(mission, ['orchestrate', '--mission', mission.slug], { timeoutMs: patienceMs })
  await until('all reviewers', () => readdirSync(looking).length === ids.length, patienceMs)
  const peakMemory = peakMemoryOf(sko.pid)
  const { runId } = await sko.waitForEvent(event => event.type === 'run-started')
  const differing = ids.flatMap(id => {
    const [kind, command, log] = floods[id]
    const file = join(logsOf(mission, runId, id), `implementation-c1-a1.${log}.log`)
    return isWhatWasPrinted(file, limited(command, bytes)) ? [] : [kind]
  })
  await writeFile(go, '')
  const { exitCode } = await sko.exited
  const notDone = Object.entries(await lanesOf(mission)).flatMap(([id, lane]) => (lane === 'approved' ? [] : [id]))
  return { peakMemory, differing, exitCode, notDone }
}

function limited(command: string, bytes: number): string {
  return `${command} 2>/dev/null | head -c ${bytes}`
}

function isWhatWasPrinted(file: string, command: string): boolean {
  try {
    execFileSync('sh', ['-c', `{ ${command}; } | cmp - "$0"`, file], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function peakMemoryOf(pid: number): number {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(peak) * 1024
}
