import { homedir } from 'node:os'
import { join } from 'node:path'
import { prepareDemo, realAgentsHint } from '../../demo/demo.ts'
import type { ExitCode } from '../../errors.ts'
import { overridesOf } from '../running/run-flags.ts'
import { openProject } from '../shared/open-project.ts'
import { writeOut } from '../terminal/output.ts'
import { startRun } from './orchestrate.ts'

interface DemoOptions {
  readonly implAgent?: readonly string[]
  readonly reviewAgent?: readonly string[]
  readonly json?: boolean
  readonly plain?: boolean
  readonly folder?: string
  readonly hostFolder?: string
  readonly host?: string
}

/** Runs a small mission on the real host with the bundled scripted agent, through the same code as any mission. */
export async function demoCommand(options: DemoOptions): Promise<ExitCode> {
  const say = (line: string) => {
    if (!options.json) writeOut(`${line}\n`)
  }
  const demo = await prepareDemo({
    folder: options.folder ?? null,
    hostFolder:
      options.hostFolder ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'spec-kitty-orchestrator'),
    host: options.host ?? null,
    report: say,
  })
  say(`\n$ sko ${demo.args.join(' ')}`)
  const flags = { ...options, caffeinate: false }
  const project = await openProject({ repoRoot: demo.repo }, overridesOf(flags))
  const exitCode = await startRun(project, { ...flags, repoRoot: demo.repo, mission: demo.mission }, demo.warm)
  say(`\nThe repository is ${demo.repo}: git -C ${demo.repo} log --oneline --graph shows what was merged.`)
  const real = realAgentsHint()
  if (real) say(real)
  return exitCode
}
