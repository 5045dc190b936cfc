import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'

/** Processes of this user that have the file open for writing. Empty on systems without /proc. */
export function writersOf(file: string): readonly number[] {
  const place = attempt(() => realpathSync(file))
  if (place === null) return []
  return entries('/proc').flatMap(pid => (/^\d+$/.test(pid) && writes(pid, place) ? Number(pid) : []))
}

function writes(pid: string, place: string): boolean {
  return entries(`/proc/${pid}/fd`).some(descriptor => {
    if (attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`)) !== place) return false
    const flags = /^flags:\s*([0-7]+)/m.exec(
      attempt(() => readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8')) ?? '',
    )
    // O_ACCMODE, of which O_RDONLY is 0: proc_pid_fdinfo(5)
    return (Number.parseInt(flags?.[1] ?? '0', 8) & 3) !== 0
  })
}

function entries(folder: string): readonly string[] {
  return attempt(() => readdirSync(folder)) ?? []
}

/** null: gone meanwhile, or not ours to see. */
function attempt<T>(look: () => T): T | null {
  try {
    return look()
  } catch {
    return null
  }
}
