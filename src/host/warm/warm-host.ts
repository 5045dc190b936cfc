import { inodeOf, type OutputFile } from '../../process/call-output.ts'
import { type HostCall, type HostCallResult, runHostCall, spawnCall } from '../../process/host-call.ts'
import { findConsoleScript } from './console-script.ts'
import { createHelper, type Helper, type WhyCold } from './helper.ts'
import type { ExistingFile, Request } from './lines.ts'
import { spawnHelper } from './spawn-helper.ts'
import { createSupply, type Supply } from './supply.ts'

/** Makes host calls as forks of a process that has imported the host, or cold: each as a process of its own. */
export interface WarmHost extends Pick<Supply, 'onCold' | 'close'> {
  readonly call: MakeCall
}

export type MakeCall = (call: HostCall, mutates: boolean) => Promise<HostCallResult>

type Environment = Readonly<Record<string, string>>

export interface WarmHostOptions {
  /** A program name on PATH, or a path. */
  readonly command: string
  readonly cwd: string
  /** That of all calls; they may add variables of sko. */
  readonly env: Environment
}

/** Starts to load the installed host. */
export function openWarmHost({ command, cwd, env }: WarmHostOptions): WarmHost {
  const script = findConsoleScript(command, cwd, env.PATH)
  if (script === null) return coldHost({ cause: 'no-console-script', detail: command })
  return createWarmHost(env, async () => createHelper(await spawnHelper({ script, cwd, env })))
}

function coldHost(why: WhyCold): WarmHost {
  return { call: call => runHostCall(call), onCold: listener => listener(why), close: () => undefined }
}

/** `env`: with which `open` starts a helper. */
function createWarmHost(env: Environment, open: () => Promise<Helper>): WarmHost {
  const supply = createSupply(open)

  async function makeIn(helper: Helper, call: HostCall, change: Change, mutates: boolean): Promise<HostCallResult> {
    let isWarm = false
    const result = await runHostCall(call, async (_, { stdout, stderr }) => {
      const files = { stdout: await existing(stdout), stderr: await existing(stderr) }
      const begun = await helper.begin({
        ...{ args: call.args, cwd: call.cwd, ...change, mutates, merges: call.merges ?? false },
        ...files,
      })
      isWarm = begun.kind === 'started'
      if (begun.kind === 'started') return begun.call
      if (begun.changed) supply.goCold({ cause: 'changed', detail: null })
      return spawnCall(call, { stdout, stderr })
    })
    // On some systems a fork may not use what was loaded before it (macOS, after some of its frameworks).
    if (isWarm && result.kind === 'signaled') supply.goCold({ cause: 'call-died', detail: result.signal })
    const hasAnswer = !isWarm || (result.kind !== 'signaled' && result.kind !== 'status-lost')
    return hasAnswer || mutates ? result : runHostCall(call)
  }

  return {
    onCold: supply.onCold,
    close: supply.close,
    call: async (call, mutates) => {
      const change = changeOf(env, call.env)
      const helper = change && (await supply.next())
      return change && helper ? makeIn(helper, call, change, mutates) : runHostCall(call)
    },
  }
}

type Change = Pick<Request, 'set' | 'unset'>

/** null: more differs than variables of sko. Python reads others when it starts, and modules when they are imported. */
function changeOf(from: Environment, to: Environment): Change | null {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(name => from[name] !== to[name])
  if (!names.every(name => name.startsWith('SKO_'))) return null
  const set = Object.fromEntries(Object.entries(to).filter(([name]) => names.includes(name)))
  return { set, unset: names.filter(name => !(name in to)) }
}

async function existing(file: OutputFile): Promise<ExistingFile> {
  return { path: file.path, inode: await inodeOf(file) }
}
