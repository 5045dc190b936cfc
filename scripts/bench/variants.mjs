// How each of them is run.
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { at } from './places.mjs'

/** `merged` goes on to the merge and the acceptance, which the reference leaves to the user. */
export const variants = ['warm', 'cold', 'merged', 'reference']

export const variantNames = {
  warm: 'sko, warm',
  cold: 'sko, cold',
  merged: 'sko, warm, to the merge',
  reference: 'reference',
}

/** Returns, for a variant: the program with its arguments for a mission, its environment, and its configuration. */
export function createVariants(scratch, { host, reference }) {
  const bin = join(scratch, 'bin')
  mkdirSync(bin)
  copyFileSync(at('scripts/bench/agent.sh'), join(bin, 'claude'))
  chmodSync(join(bin, 'claude'), 0o755)
  const wrapped = createWrapper(scratch, host)
  // Neither asks the network whether there is a newer host.
  const env = { ...process.env, SPEC_KITTY_NO_UPGRADE_CHECK: '1', SPEC_KITTY_ENABLE_SAAS_SYNC: '0' }
  const withPath = (...folders) => ({ ...env, PATH: [...folders, process.env.PATH].join(delimiter) })
  const sko = (warm, command, ...flags) => ({
    command: mission => [at('bin/sko.js'), 'orchestrate', '--mission', mission, ...flags],
    env: withPath(bin),
    config: configuration(warm, command),
  })
  return {
    wrapped,
    warm: sko('auto', host),
    cold: sko('off', wrapped.program),
    merged: sko('auto', host, '--merge', 'merge'),
    reference: {
      command: mission => [reference, 'orchestrate', '--mission', mission],
      env: withPath(bin, wrapped.folder),
      config: null,
    },
  }
}

/** All else is at its default, such as four WPs at once for both orchestrators. */
function configuration(warm, command) {
  return [
    'agents: { implementation: [claude-code], review: [claude-code] }',
    'review: { reviewer: any }',
    `host: { command: ${JSON.stringify(command)}, warm: ${warm} }`,
    '',
  ].join('\n')
}

/**
 * A program that runs the host and notes the command and its processor time. The warm host needs the script itself, so
 * this one is for the others; a call takes 2 ms longer with it.
 */
function createWrapper(scratch, host) {
  const folder = join(scratch, 'wrapped')
  const log = join(scratch, 'host-calls')
  const program = join(folder, 'spec-kitty')
  mkdirSync(folder)
  // A file per process: calls overlap.
  const note = `{ echo "$1 $2 $3"; times; } >>'${log}'/$$`
  writeFileSync(program, `#!/bin/sh\n'${host}' "$@"\nstatus=$?\n${note}\nexit $status\n`, { mode: 0o755 })
  return {
    folder,
    program,
    forget: () => {
      rmSync(log, { recursive: true, force: true })
      mkdirSync(log)
    },
    /** The calls that the orchestrator has made. The host's merge drivers are part of the call whose merge runs them. */
    calls: () => {
      const files = readdirSync(log).map(name => readFileSync(join(log, name), 'utf8'))
      const calls = files.flatMap(text => [...text.matchAll(/^([a-z].*)\n(\d.*\n\d.*)$/gm)].map(readCall))
      return calls.filter(({ command }) => !command.startsWith('merge-driver-'))
    },
  }
}

/** The first line of `times` is the shell, the second all that it has run. */
function readCall([, words, used]) {
  const [first, second, third] = words.split(' ')
  const seconds = [...used.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest))
  const command = { agent: third, 'orchestrator-api': second }[first] ?? first
  return { command, cpuSeconds: seconds.reduce((sum, each) => sum + each, 0) }
}
