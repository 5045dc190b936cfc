import { Command, InvalidArgumentError, Option } from 'commander'
import type { ExitCode } from '../errors.ts'
import { packageVersion } from '../version.ts'
import { collect } from './flag-values.ts'
import { addRunFlags } from './running/run-flags.ts'

type SetExitCode = (code: ExitCode) => void

/** The command line. Each command's module is loaded when it runs: `--help` need not wait for all of them. */
export function buildProgram(exit: SetExitCode): Command {
  const program = new Command('sko')
    .description('Drives every work package of a planned spec-kitty mission through implementation and review.')
    .version(packageVersion())
    .showHelpAfterError('(sko --help shows what there is)')
    .exitOverride()
  addOrchestrate(program, exit)
  addResume(program, exit)
  addPlan(program, exit)
  addStatus(program, exit)
  addLogs(program, exit)
  addPause(program, exit)
  addRetry(program, exit)
  addSkip(program, exit)
  addConfirm(program, exit)
  addAbort(program, exit)
  addKept(program, exit)
  addAgents(program, exit)
  addDoctor(program, exit)
  addDemo(program, exit)
  return program
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
  const command = program.command('resume').description('go on with the run on disk, with its own configuration')
  addRunFlags(place(command), 'resumed').action(async options =>
    exit(await (await import('./commands/resume.ts')).resumeCommand(options)),
  )
}

function addPlan(program: Command, exit: SetExitCode): void {
  place(program.command('plan').description('what would run, in which order, and the result of every check'))
    .option('--mission <slug>', 'the mission, as its folder in kitty-specs is named')
    .option('--config <file>', 'configuration (default: .kittify/orchestrator.yaml)')
    .option('--json', 'the plan as one JSON object')
    .action(async options => exit(await (await import('./commands/plan.ts')).planCommand(options)))
}

function addStatus(program: Command, exit: SetExitCode): void {
  place(program.command('status').description('the run on disk, with the lanes as the host reports them'))
    .option('--json', 'one JSON object')
    .option('--watch', 'again every 2 s, until Ctrl+C')
    .action(async options => exit(await (await import('./commands/status.ts')).statusCommand(options)))
}

function addLogs(program: Command, exit: SetExitCode): void {
  place(program.command('logs [wp]').description("the attempts' logs"))
    .option('-f, --follow', 'follow the running attempt')
    .action(async (wp, options) => exit(await (await import('./commands/logs.ts')).logsCommand(wp, options)))
}

function addPause(program: Command, exit: SetExitCode): void {
  place(program.command('pause').description('let the run finish what is at work and begin nothing new')).action(
    async options => exit(await (await import('./commands/pause.ts')).pauseCommand(options)),
  )
  place(program.command('continue').description('let a paused run go on')).action(async options =>
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
  place(program.command('retry <wp>').description('put a blocked work package back to work, its counters reset'))
    .alias('unblock')
    .option('--reason <text>', "for the host's history")
    .action(async (wp: string, options: DecideOptions) =>
      exit(await (await import('./commands/retry.ts')).retryCommand(wp, options)),
    )
}

function addSkip(program: Command, exit: SetExitCode): void {
  place(program.command('skip <wp>').description('take a work package out of the mission: lane canceled, for good'))
    .option('--reason <text>', "for the host's history")
    .action(async (wp: string, options: DecideOptions) =>
      exit(await (await import('./commands/skip.ts')).skipCommand(wp, options)),
    )
}

function addConfirm(program: Command, exit: SetExitCode): void {
  place(program.command('confirm <wp>').description('vouch for a work package that others approved, at one commit'))
    .requiredOption('--commit <sha>', 'the commit that you have looked at; it counts as reviewed')
    .option('--reason <text>', 'kept with it')
    .action(async (wp: string, options: ConfirmOptions) =>
      exit(await (await import('./commands/confirm.ts')).confirmCommand(wp, options)),
    )
}

function addAbort(program: Command, exit: SetExitCode): void {
  place(program.command('abort').description('stop the run, keep its work as commits, and end it'))
    .option('--cleanup-worktrees', 'also remove our own state and logs of the run')
    .action(async options => exit(await (await import('./commands/abort.ts')).abortCommand(options)))
}

function addKept(program: Command, exit: SetExitCode): void {
  place(program.command('kept [wp]').description('what was kept so that nothing is lost; see it, restore it'))
    .option('--show <n>', 'names and sizes of the changes of one')
    .option('--restore <n>', 'write its files back into the lane worktree; what is there now is kept first')
    .option('--prune', 'remove all that is listed; says how to have each back')
    .option('--json', 'one JSON object')
    .action(async (wp, options) => exit(await (await import('./commands/kept.ts')).keptCommand(wp, options)))
}

function addAgents(program: Command, exit: SetExitCode): void {
  const agents = place(program.command('agents').description('the agents: installed, version, signed in, used for'))
    .option('--json', 'one JSON object')
    .action(async options => exit(await (await import('./commands/agents.ts')).agentsCommand(options)))
    .enablePositionalOptions()
  place(agents.command('test <id>').description('run one tiny real task and its review; spends a little money'))
    .option('--keep', 'keep the scratch folder also when all went well')
    .option('--json', 'one JSON object')
    .action(async (id: string, _: unknown, command: Command) =>
      exit(await (await import('./commands/agents-test.ts')).agentsTestCommand(id, command.optsWithGlobals())),
    )
}

function addDoctor(program: Command, exit: SetExitCode): void {
  place(
    program.command('doctor').description('whether a run could start here: git, identity, configuration, agents, host'),
  )
    .option('--self-test', 'also play the git calls of a mission in a scratch repository, under your own git settings')
    .option('--json', 'one JSON object')
    .action(async options => exit(await (await import('./commands/doctor.ts')).doctorCommand(options)))
}

function addDemo(program: Command, exit: SetExitCode): void {
  program
    .command('demo')
    .description('run a small mission on the real host with a scripted agent, in a scratch repository')
    .option('--folder <folder>', 'the scratch repository (default: a new temporary folder)')
    .option('--impl-agent <id>', 'a real agent in place of the scripted one; repeatable', collect)
    .option('--review-agent <id>', 'likewise for review; repeatable', collect)
    .option('--host-folder <folder>', 'where the virtual environment with spec-kitty is kept')
    .option('--host <command>', 'use this spec-kitty instead')
    .option('--json', 'events as NDJSON on stdout and nothing else there')
    .option('--plain', 'plain lines, also on a terminal')
    .action(async options => exit(await (await import('./commands/demo.ts')).demoCommand(options)))
}

/** A flag of older versions: hidden, and answered with today's name. */
function renamed(command: Command, flags: string, today: string): void {
  const option = new Option(flags).hideHelp().argParser(() => {
    throw new InvalidArgumentError(`It is called ${today} today.`)
  })
  command.addOption(option)
}
