import { Command, InvalidArgumentError, Option } from 'commander'
import type { ExitCode } from '../errors.ts'
import { packageVersion } from '../version.ts'
import { collect } from './flag-values.ts'
import { addRunFlags } from './running/run-flags.ts'
import { keepCompiledCode } from './start/compile-cache.ts'
import { spareMemory } from './start/spare-memory.ts'

type SetExitCode = (code: ExitCode) => void

/** The command line. The modules of a command are loaded when it runs, so that `--help` is fast. */
export function buildProgram(exit: SetExitCode): Command {
  const program = new Command('sko')
    .description('Drives every work package of a planned spec-kitty mission through implementation and review.')
    .version(packageVersion())
    .showHelpAfterError('(sko --help lists the commands)')
    .exitOverride()
    .hook('preAction', (_, command) => prepare(command.name()))
  addOrchestrate(program, exit)
  addResume(program, exit)
  addPlan(program, exit)
  addStatus(program, exit)
  addLogs(program, exit)
  addExplain(program, exit)
  addPause(program, exit)
  addRetry(program, exit)
  addSkip(program, exit)
  addConfirm(program, exit)
  addAbort(program, exit)
  addVerify(program, exit)
  addKept(program, exit)
  addAgents(program, exit)
  addDoctor(program, exit)
  addDemo(program, exit)
  return program
}

const runs: readonly string[] = ['orchestrate', 'resume', 'demo']

async function prepare(command: string): Promise<void> {
  // V8 refuses compiled code of other flags, so they are set first.
  const isRun = runs.includes(command)
  if (isRun) await spareMemory()
  keepCompiledCode()
  if (!isRun) (await import('./start/plain-checks.ts')).checkPlainly()
}

function place(command: Command): Command {
  return command.option('--repo-root <path>', 'the project (default: the repository around the current folder)')
}

function addOrchestrate(program: Command, exit: SetExitCode): void {
  const command = addRunFlags(place(program.command('orchestrate').description('run a mission to its end')), 'new')
  renamed(command, '--feature <slug>', '--mission')
  renamed(command, '--implementer <id>', '--impl-agent')
  renamed(command, '--reviewer <id>', '--review-agent')
  command.action(async options => exit(await (await import('./commands/orchestrate.ts')).orchestrateCommand(options)))
}

function addResume(program: Command, exit: SetExitCode): void {
  const command = program
    .command('resume')
    .description('resume the saved run with the configuration it was started with')
  addRunFlags(place(command), 'resumed').action(async options =>
    exit(await (await import('./commands/resume.ts')).resumeCommand(options)),
  )
}

function addPlan(program: Command, exit: SetExitCode): void {
  place(program.command('plan').description('show what would run, in which order, and the result of every check'))
    .option('--mission <slug>', 'the mission: its slug, its ULID, or another handle of the host')
    .option('--config <file>', 'configuration (default: .kittify/orchestrator.yaml)')
    .option('--json', 'print the plan as one JSON object')
    .action(async options => exit(await (await import('./commands/plan.ts')).planCommand(options)))
}

function addStatus(program: Command, exit: SetExitCode): void {
  place(program.command('status').description('show the saved run, with the lanes as the host reports them'))
    .option('--json', 'print one JSON object')
    .option('--watch', 'refresh every 2 s until Ctrl+C')
    .action(async options => exit(await (await import('./commands/status.ts')).statusCommand(options)))
}

function addLogs(program: Command, exit: SetExitCode): void {
  place(
    program
      .command('logs [wp]')
      .description("list the attempts' logs, or print the log of a work package's last attempt"),
  )
    .option('-f, --follow', 'follow the running attempt')
    .action(async (wp, options) => exit(await (await import('./commands/logs.ts')).logsCommand(wp, options)))
}

function addExplain(program: Command, exit: SetExitCode): void {
  place(program.command('explain [wp]').description('why the run waited, started and stopped: each decision')).action(
    async (wp, options) => exit(await (await import('./commands/explain.ts')).explainCommand(wp, options)),
  )
}

function addPause(program: Command, exit: SetExitCode): void {
  place(program.command('pause').description('let running attempts finish and start no new ones')).action(
    async options => exit(await (await import('./commands/pause.ts')).pauseCommand(options)),
  )
  place(program.command('continue').description('continue a paused run')).action(async options =>
    exit(await (await import('./commands/pause.ts')).continueCommand(options)),
  )
}

interface DecideOptions {
  readonly reason?: string
  readonly repoRoot?: string
}

interface ConfirmOptions extends DecideOptions {
  readonly commit: string
}

function addRetry(program: Command, exit: SetExitCode): void {
  place(program.command('retry <wp>').description('retry a blocked work package, with its counters reset'))
    .alias('unblock')
    .option('--reason <text>', "recorded in the host's history")
    .action(async (wp: string, options: DecideOptions) =>
      exit(await (await import('./commands/retry.ts')).retryCommand(wp, options)),
    )
}

function addSkip(program: Command, exit: SetExitCode): void {
  place(program.command('skip <wp>').description('cancel a work package; this cannot be undone'))
    .option('--reason <text>', "recorded in the host's history")
    .action(async (wp: string, options: DecideOptions) =>
      exit(await (await import('./commands/skip.ts')).skipCommand(wp, options)),
    )
}

function addConfirm(program: Command, exit: SetExitCode): void {
  place(program.command('confirm <wp>').description('confirm a work package that others approved, at one commit'))
    .requiredOption('--commit <sha>', 'the commit that you have checked; it counts as reviewed')
    .option('--reason <text>', 'recorded with it')
    .action(async (wp: string, options: ConfirmOptions) =>
      exit(await (await import('./commands/confirm.ts')).confirmCommand(wp, options)),
    )
}

function addAbort(program: Command, exit: SetExitCode): void {
  place(program.command('abort').description('stop the run, keep its work as commits, and end it'))
    .option('--cleanup-worktrees', 'also remove the state and logs that sko has of the run')
    .action(async options => exit(await (await import('./commands/abort.ts')).abortCommand(options)))
}

function addVerify(program: Command, exit: SetExitCode): void {
  program
    .command('verify [range]')
    .description('show which record covers each commit of <base>..<head>; works in any clone, without spec-kitty')
    .option('--repo-root <path>', 'the repository (default: the one around the current folder)')
    .option('--signers <file>', "who may sign records, in OpenSSH's allowed_signers format")
    .option('--trusted-root <file>', "Sigstore's trusted root, to check keyless signatures offline")
    .option('--record <file>', 'a record in a file, in place of those in the repository')
    .option('--sign <key>', 'sign the records once every commit is covered: a key, or keyless')
    .option('--json', 'print one JSON object')
    .action(async (range, options) => exit(await (await import('./verify/verify.ts')).verifyCommand(range, options)))
}

function addKept(program: Command, exit: SetExitCode): void {
  place(
    program.command('kept [wp]').description('list the copies that sko keeps of work; show, restore or remove them'),
  )
    .option('--show <n>', 'show which files a copy changes')
    .option('--restore <n>', 'write the files of a copy back into the lane worktree; what is there now is kept first')
    .option('--prune', 'remove all listed copies; prints how to get each back')
    .option('--json', 'print one JSON object')
    .action(async (wp, options) => exit(await (await import('./commands/kept.ts')).keptCommand(wp, options)))
}

function addAgents(program: Command, exit: SetExitCode): void {
  const agents = place(
    program.command('agents').description('list the agents: installed, version, signed in, used for'),
  )
    .option('--json', 'print one JSON object')
    .action(async options => exit(await (await import('./commands/agents.ts')).agentsCommand(options)))
    .enablePositionalOptions()
  place(agents.command('test <id>').description('run one tiny real task and its review; spends a little money'))
    .option('--keep', 'keep the scratch folder even if everything passed')
    .option('--json', 'print one JSON object')
    .action(async (id: string, _: unknown, command: Command) =>
      exit(await (await import('./commands/agents-test.ts')).agentsTestCommand(id, command.optsWithGlobals())),
    )
}

function addDoctor(program: Command, exit: SetExitCode): void {
  place(
    program
      .command('doctor')
      .description('check whether a run could start here: git, identity, configuration, agents, host'),
  )
    .option('--self-test', 'also run the git calls of a mission in a scratch repository, with your git settings')
    .option('--json', 'print one JSON object')
    .action(async options => exit(await (await import('./commands/doctor.ts')).doctorCommand(options)))
}

function addDemo(program: Command, exit: SetExitCode): void {
  program
    .command('demo')
    .description('run a small mission on the real host with a scripted agent, in a scratch repository')
    .option('--folder <folder>', 'the scratch repository (default: a new temporary folder)')
    .option('--impl-agent <id>', 'a real agent for implementation instead of the scripted one; repeatable', collect)
    .option('--review-agent <id>', 'a real agent for review instead of the scripted one; repeatable', collect)
    .option('--host-folder <folder>', 'where the virtual environment with spec-kitty is kept')
    .option('--host <command>', 'use this spec-kitty instead')
    .option('--json', 'print events as NDJSON on stdout, and nothing else')
    .option('--plain', 'print plain lines even on a terminal')
    .action(async options => exit(await (await import('./commands/demo.ts')).demoCommand(options)))
}

/** A flag of older versions: hidden; its error names the new flag. */
function renamed(command: Command, flags: string, today: string): void {
  const option = new Option(flags).hideHelp().argParser(() => {
    throw new InvalidArgumentError(`It was renamed to ${today}.`)
  })
  command.addOption(option)
}
