// One run: a fresh mission, an orchestrator, and what it took.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { shapes } from './missions.mjs'
import { at } from './places.mjs'

const longestSeconds = 3600

/** Throws if the mission is not where the orchestrator takes it when nothing goes wrong. */
export async function runOnce({ shape, variant }, { scratch, python, missions, variants, lanesOf, stopping }) {
  const { command, env, config } = variants[variant]
  const mission = await missions.fresh(shape, config)
  try {
    variants.wrapped.forget()
    const measured = await measure({ scratch, python, stopping }, command(mission), { cwd: missions.repo, env })
    failIf(problemOfProcess(measured), measured)
    const events = variant === 'reference' ? [] : readEvents(missions.repo)
    failIf(problemOfMission(variant, events, await lanesOf(missions.repo, mission)), measured)
    return figuresOf({ shape, variant, measured, events, wrapped: variants.wrapped.calls() })
  } finally {
    missions.remove()
  }
}

function failIf(problem, { output }) {
  if (problem !== null) throw new Error(`${problem}\n${output}`)
}

async function measure({ scratch, python, stopping }, command, options) {
  const [report, log] = [join(scratch, 'report.json'), join(scratch, 'output.log')]
  const output = openSync(log, 'w')
  const args = [at('scripts/bench/measure.py'), report, String(longestSeconds), ...command]
  const child = spawn(python, args, { ...options, stdio: ['ignore', output, output] })
  const stop = () => child.kill('SIGTERM')
  stopping.addEventListener('abort', stop)
  const [status, signal] = await once(child, 'exit')
  stopping.removeEventListener('abort', stop)
  closeSync(output)
  const text = readFileSync(log, 'utf8').slice(-4000)
  if (status !== 0) throw new Error(`measure.py: ${signal ?? `exit ${status}`}\n${text}`)
  return { ...JSON.parse(readFileSync(report, 'utf8')), output: text }
}

function readEvents(repo) {
  const logs = join(repo, '.kittify', 'logs')
  const [run] = readdirSync(logs)
  const lines = readFileSync(join(logs, run, 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map(line => JSON.parse(line))
}

function problemOfProcess({ exit, stopped, leftRunning }) {
  if (stopped) return `stopped by a signal, or after ${longestSeconds} s`
  if (exit !== 0) return `exit ${exit}`
  return leftRunning ? 'it left processes running' : null
}

function problemOfMission(variant, events, workPackages) {
  const notDone = workPackages.filter(({ lane }) => lane !== 'done' && lane !== 'approved')
  if (notDone.length > 0) return `not done: ${notDone.map(({ wp_id, lane }) => `${wp_id} (${lane})`).join(', ')}`
  if (variant === 'reference') return null
  const { merged, accepted } = events.findLast(({ type }) => type === 'run-finished') ?? {}
  if (variant === 'merged' && !(merged && accepted)) return `merged: ${merged}, accepted: ${accepted}`
  const isWarm = events.filter(({ type }) => type === 'host-call').some(call => call.warm)
  return isWarm === (variant !== 'cold') ? null : `the host is ${isWarm ? 'warm' : 'cold'}`
}

function figuresOf({ shape, variant, measured, events, wrapped }) {
  const { wallSeconds, ownCpuSeconds, totalCpuSeconds, helperCpuSeconds, ownPeakMb, helperPeakMb } = measured
  const journal = events.filter(({ type }) => type === 'host-call')
  const calls = variant === 'reference' ? wrapped : journal
  const isWarm = variant === 'warm' || variant === 'merged'
  const hostCpuSeconds = isWarm ? helperCpuSeconds : sum(wrapped.map(call => call.cpuSeconds))
  return {
    ...{ shape, variant, wallSeconds, ownCpuSeconds, hostCpuSeconds, totalCpuSeconds, ownPeakMb, helperPeakMb },
    calls: countByCommand(calls),
    limitSeconds: variant === 'warm' ? limitOf(shape, journal, events) : null,
    journal: journal.map(({ startedAt, milliseconds, command, wpId, warm }) => ({
      at: Math.round(Date.parse(startedAt) - measured.began * 1000) / 1000,
      ...{ milliseconds, command, wpId, warm },
    })),
  }
}

function countByCommand(calls) {
  const counts = {}
  for (const { command } of calls) counts[command] = (counts[command] ?? 0) + 1
  return counts
}

/**
 * No orchestrator that makes the same changes can be faster: the processes of the calls that change something share the
 * cores, and the agents of WPs that wait for each other follow one another.
 */
function limitOf(shape, calls, events) {
  const changes = sum(calls.filter(call => call.mutates).map(call => call.milliseconds))
  const attempts = events.filter(({ type }) => type === 'attempt-ended')
  const agentsOf = index =>
    sum(attempts.filter(({ wpId }) => Number(wpId.slice(2)) === index + 1).map(a => a.elapsedMs))
  const pathTo = index => agentsOf(index) + Math.max(0, ...shapes[shape][index].map(other => pathTo(other - 1)))
  const path = Math.max(...shapes[shape].map((_, index) => pathTo(index)))
  return (changes / availableParallelism() + path) / 1000
}

function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0)
}
