import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { hostEnvironment } from '../../../src/host/sharp-edges.ts'
import { type MakeCall, openWarmHost, type WarmHost } from '../../../src/host/warm/warm-host.ts'
import type { HostCallResult } from '../../../src/process/host-call.ts'
import { type SmallHost, smallHost } from './small-host.ts'

/** A repository in which a merge needs the driver of a small host. */
export interface MergeRig {
  readonly host: SmallHost
  readonly repo: string
  readonly env: Readonly<Record<string, string>>
  readonly warm: WarmHost
  /** Why calls are cold. */
  readonly reasons: readonly unknown[]
  /** Written by the driver, which then may wait for a file of that name with `.go`. */
  readonly record: string
  git(...args: readonly string[]): string
  /** Has the host merge, with the driver's part after `driver <record>`; `before`: for the command of the host. */
  merge(make: MakeCall, how: MergeHow): Promise<HostCallResult>
  seen(result: HostCallResult): Seen
}

export interface MergeHow {
  readonly driver: string
  readonly before?: readonly string[]
  readonly timeoutSeconds?: number
}

export interface Seen {
  /** Whether the driver is a fork of what the call is a fork of. */
  readonly isWarm: boolean
  /** Whether the driver was in the process group of the call. */
  readonly isInGroup: boolean
  /** All else of the driver, of what git said and of what it left. */
  readonly merge: Readonly<Record<string, unknown>>
}

const driverRecord = z
  .object({ pid: z.int(), group: z.int(), session: z.int(), token: z.string() })
  .catchall(z.unknown())
const answer = z.object({ code: z.int(), out: z.string(), err: z.string(), token: z.string() })

export function mergeRig(inherited: Readonly<Record<string, string>> = {}): MergeRig {
  const host = smallHost()
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sko-drivers-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const [repo, record] = [join(folder, 'repo'), join(folder, 'record')]
  const git = repository(repo)
  const env = hostEnvironment({ ...process.env, ...inherited, SKO_REPO: repo }, host.command, repo)
  const warm = openWarmHost({ command: host.command, cwd: repo, env })
  onTestFinished(warm.close)
  const reasons: unknown[] = []
  warm.onCold(why => reasons.push(why))
  return {
    ...{ host, repo, env, warm, reasons, record, git },
    merge(make, { driver, before = ['git'], timeoutSeconds = 60 }) {
      rmSync(record, { force: true })
      git('reset', '-q', '--hard', 'work')
      git('config', 'merge.small.driver', `${driver.replace('driver', `driver ${record}`)} %O %A %B`)
      const args = [...before, 'merge', '--no-commit', '--no-edit', 'other']
      const call = { file: host.command, args, cwd: repo, env, timeoutSeconds, maxBytes: 1_000_000, merges: true }
      return make(call, true)
    },
    seen(result) {
      const { token, ...said } =
        result.kind === 'exited' ? answer.parse(JSON.parse(result.stdout)) : { token: null, ...result }
      const { pid, group, session, token: own, ...how } = driverRecord.parse(JSON.parse(readFileSync(record, 'utf8')))
      const merge = { how, said, file: readFileSync(join(repo, 'file'), 'utf8'), status: git('status', '--porcelain') }
      return {
        isWarm: token === own,
        isInGroup: group === session && group !== pid,
        merge: JSON.parse(JSON.stringify(merge).replaceAll(/\.merge_file_\w{6}/g, '.merge_file')),
      }
    },
  }
}

/** Two branches that both change a file which a driver merges. */
function repository(repo: string): MergeRig['git'] {
  mkdirSync(repo)
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: repo, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  const commit = (text: string) => {
    writeFileSync(join(repo, 'file'), `${text}\n`)
    git('add', '.')
    git('commit', '-qm', text)
  }
  git('init', '-q', '-b', 'work')
  git('config', 'user.name', 'a')
  git('config', 'user.email', 'a@example.org')
  writeFileSync(join(repo, '.gitattributes'), 'file merge=small\n')
  commit('base')
  git('checkout', '-qb', 'other')
  commit('other')
  git('checkout', '-q', 'work')
  commit('work')
  return git
}
