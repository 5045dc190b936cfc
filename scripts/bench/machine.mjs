// On what the figures were measured.
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { at } from './places.mjs'

/** `flags`: those that decide what is run. */
export function circumstances({ host, reference, python, flags }) {
  const versionOf = (program, name) =>
    ask(program, ['-c', `from importlib.metadata import version as v; print(v("${name}"))`])
  return {
    startedAt: new Date().toISOString(),
    command: ['npm run bench --', ...flags].join(' '),
    machine: {
      cores: availableParallelism(),
      model: cpus()[0]?.model.trim() ?? 'unknown',
      memoryGb: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${release()}`,
      loadBefore: loadavg()[0],
    },
    versions: {
      sko: skoCommit(),
      node: process.versions.node,
      python: ask(python, ['-c', 'import platform; print(platform.python_version())']),
      git: ask('git', ['--version']).replace('git version ', ''),
      'spec-kitty-cli': versionOf(join(host, '..', 'python'), 'spec-kitty-cli'),
      'reference (spec-kitty-orchestrator)': versionOf(join(reference, '..', 'python'), 'spec-kitty-orchestrator'),
    },
  }
}

function skoCommit() {
  // Other commits make no other program.
  const program = ['--', 'src', 'bin', 'package-lock.json']
  const commit = ask('git', ['log', '-1', '--format=%h', '--abbrev=10', ...program])
  const changed = ask('git', ['status', '--porcelain', ...program]) !== ''
  return changed ? `${commit} with uncommitted changes` : commit
}

function ask(program, args) {
  return execFileSync(program, args, { cwd: at(), encoding: 'utf8' }).trim()
}
