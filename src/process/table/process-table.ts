import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

export interface ProcessEntry {
  readonly pid: number
  readonly ppid: number
  readonly pgid: number
  /** 0 if the system does not report it. */
  readonly session: number
  /** One letter as `ps` prints it: R, S, D, T, Z … */
  readonly state: string
  /** Compared for equality only. */
  readonly startTime: string
  /** Processor time of the process and of its ended children, in seconds. */
  readonly cpuSeconds: number
}

/** An environment variable inherited by everything a process starts. It finds processes that have left their group. */
export interface Marker {
  readonly name: string
  readonly value: string
}

/** USER_HZ, which the kernel keeps at 100 for user space, whatever its own tick. */
const ticksPerSecond = 100

/** Zombies and dead entries still have a pid but are not running. */
export function isRunning(entry: ProcessEntry): boolean {
  return !/^[ZX]/.test(entry.state)
}

export function readBootId(): string {
  return readProcFile('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown'
}

export function readProcess(pid: number): ProcessEntry | null {
  return hasProc() ? readStat(pid) : (readWithPs(['-p', String(pid)])[0] ?? null)
}

/** All processes. Those in `skipped` are left out where that saves work. */
export function listProcesses(skipped: ReadonlySet<number> = new Set()): ReadonlyMap<number, ProcessEntry> {
  const entries = hasProc()
    ? readdirSync('/proc').flatMap(name => {
        const pid = /^\d+$/.test(name) ? Number(name) : null
        return pid === null || skipped.has(pid) ? [] : (readStat(pid) ?? [])
      })
    : readWithPs(['-A'])
  return new Map(entries.map(entry => [entry.pid, entry]))
}

/**
 * Those of `pids` that were started with one of the markers. Another user's process, or one that has ended, shows none.
 */
export function pidsWithMarker(markers: readonly Marker[], pids: readonly number[]): ReadonlySet<number> {
  if (markers.length === 0) return new Set()
  const settings = markers.map(({ name, value }) => `${name}=${value}`)
  const hasOne = (environment: readonly string[]) => settings.some(setting => environment.includes(setting))
  if (hasProc()) {
    return new Set(pids.filter(pid => hasOne(readProcFile(`/proc/${pid}/environ`)?.split('\0') ?? [])))
  }
  const lines = ps(['-A', '-Eww', '-o', 'pid=,command=']).split('\n')
  const marked = lines.filter(line => hasOne(line.split(/\s/))).map(line => Number.parseInt(line, 10))
  return new Set(pids.filter(pid => marked.includes(pid)))
}

/**
 * `/proc/PID/stat`: the name (field 2) may contain spaces and brackets, so fields are counted after the last bracket.
 */
export function parseStat(stat: string): ProcessEntry | null {
  const pid = Number.parseInt(stat, 10)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, ppid, pgid, session] = fields
  const startTime = fields[19]
  if (Number.isNaN(pid) || state === undefined || startTime === undefined) return null
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return {
    pid,
    ppid: Number(ppid),
    pgid: Number(pgid),
    session: Number(session),
    state,
    startTime,
    cpuSeconds: ticks / ticksPerSecond,
  }
}

/** For systems without /proc. Tested with the `ps` of Linux, not on macOS. `lstart` has a resolution of one second. */
export function readWithPs(selection: readonly string[]): readonly ProcessEntry[] {
  const lines = ps([...selection, '-o', 'pid=,ppid=,pgid=,stat=,time=,lstart=']).split('\n')
  return lines.flatMap(line => {
    const [pid, ppid, pgid, state, time, ...start] = line.trim().split(/\s+/)
    if (state === undefined || time === undefined || start.length === 0) return []
    const startTime = start.join(' ')
    return {
      pid: Number(pid),
      ppid: Number(ppid),
      pgid: Number(pgid),
      session: 0,
      state,
      startTime,
      cpuSeconds: parseTime(time),
    }
  })
}

/** `[[dd-]hh:]mm:ss[.cc]` */
function parseTime(time: string): number {
  const [days, clock] = time.includes('-') ? time.split('-') : ['0', time]
  const seconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return Number(days) * 86_400 + seconds
}

function ps(args: readonly string[]): string {
  const result = spawnSync('ps', args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } })
  return result.stdout ?? ''
}

/** Time since the process started, in milliseconds; null if the system does not report it this way. */
export function ageMs({ startTime }: Pick<ProcessEntry, 'startTime'>): number | null {
  const uptime = readProcFile('/proc/uptime')
  return uptime === null ? null : (Number.parseFloat(uptime) - Number(startTime) / ticksPerSecond) * 1000
}

function hasProc(): boolean {
  return existsSync('/proc/self/stat')
}

function readStat(pid: number): ProcessEntry | null {
  const stat = readProcFile(`/proc/${pid}/stat`)
  return stat === null ? null : parseStat(stat)
}

/** null: gone meanwhile, or not ours to read. */
function readProcFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
