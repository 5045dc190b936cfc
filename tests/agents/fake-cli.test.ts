import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claudeCode } from '../../src/agents/adapters/claude-code.ts'
import { codex } from '../../src/agents/adapters/codex.ts'
import { agentId } from '../../src/agents/agent-id.ts'
import { createCustomAgent } from '../../src/agents/custom/custom.ts'
import { findBinary } from '../../src/agents/detect/find-binary.ts'
import type { Role } from '../../src/core/work-package/work-package.ts'
import type { Agent, AgentReport } from '../../src/run/attempts/agent.ts'
import { readVerdict } from '../../src/run/steps/verdict.ts'
import { customDefinition } from './custom-definition.ts'

/** The fake CLIs that the rings outside put on PATH, run by the real adapters' argv and read by the real readers. */
const bin = join(import.meta.dirname, '../../fixtures/bin')
const scripted = createCustomAgent(agentId('scripted'), customDefinition({ command: ['scripted-agent'], review: true }))

let root = ''
let worktree = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sko-fake-cli-'))
  worktree = join(root, 'lane')
  mkdirSync(worktree)
  git('init', '-q', '-b', 'lane')
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function git(...args: readonly string[]): string {
  return spawnSync('git', args, { cwd: worktree, encoding: 'utf8' }).stdout.trim()
}

function prompt(role: Role, more = ''): string {
  return `# ${role === 'review' ? 'Review' : 'Implement'} WP07\n\nDo it, after WP01.\n${more}`
}

interface StartOptions {
  readonly prompt?: string
  readonly args?: readonly string[]
  readonly resumeSession?: string | null
}

function start(agent: Agent, role: Role, options: StartOptions = {}) {
  const filePrefix = join(root, `${role}-1`)
  const promptFile = `${filePrefix}.prompt.md`
  writeFileSync(promptFile, options.prompt ?? prompt(role))
  const settings = { model: null, args: options.args ?? [], env: {} }
  const command = agent.command({
    role,
    promptFile,
    prompt: '',
    worktree,
    filePrefix,
    timeoutSeconds: 60,
    settings,
    resumeSession: options.resumeSession ?? null,
  })
  for (const { path, content } of command.files) writeFileSync(path, content)
  const env = {
    ...process.env,
    ...command.env,
    FAKE_AGENT_JOURNAL: join(root, 'journal'),
    FAKE_AGENT_SCRIPT: join(root, 'rules'),
  }
  const program = findBinary(agent, bin)
  if (program === null) throw new Error(`no ${agent.binaries.join(', ')} in fixtures/bin`)
  return { program, command, promptFile, env }
}

function run(agent: Agent, role: Role, rules: readonly object[] = [], options: StartOptions = {}): AgentReport {
  writeFileSync(join(root, 'rules'), JSON.stringify(rules))
  const { program, command, promptFile, env } = start(agent, role, options)
  const stdio = [openSync(promptFile, 'r'), 'pipe', 'pipe'] as const
  const ended = spawnSync(program, [...command.args], { cwd: worktree, env, stdio: [...stdio], maxBuffer: 1e8 })
  const file = command.resultFile
  return agent.read({
    role,
    exitCode: ended.status,
    stdout: ended.stdout.toString(),
    head: '',
    stderr: ended.stderr.toString(),
    resultFile: file && existsSync(file) ? readFileSync(file, 'utf8') : null,
    cut: false,
    endedAt: Date.now(),
  })
}

function journal(): readonly Record<string, unknown>[] {
  const lines = readFileSync(join(root, 'journal'), 'utf8').trim().split('\n')
  return lines.map(line => JSON.parse(line))
}

describe.each([{ agent: claudeCode }, { agent: codex }, { agent: scripted }])('$agent.id', ({ agent }) => {
  it('implements: a changed file, uncommitted, and a start in the journal', () => {
    expect(run(agent, 'implementation')).toMatchObject({
      ok: true,
      text: expect.stringContaining('Done: implemented WP07.'),
    })
    expect(git('status', '--porcelain', '-uall')).toBe('?? src/WP07.txt')
    expect(journal()).toMatchObject([{ role: 'implementation', wp: 'WP07', attempt: 1, do: 'ok', cwd: worktree }])
  })

  it('reviews: approves, rejects once, and counts its attempts', () => {
    const rules = [
      { role: 'review', wp: 'WP07', attempt: 2, do: 'reject' },
      { wp: 'WP08', do: 'auth' },
    ]
    const words = [1, 2, 3].map(() => {
      const report = run(agent, 'review', rules)
      const reading = report.ok ? readVerdict(report) : null
      return reading?.ok ? reading.verdict.verdict : null
    })
    expect(words).toEqual(['approved', 'changes_requested', 'approved'])
    expect(journal().map(entry => entry.attempt)).toEqual([1, 2, 3])
    expect(git('status', '--porcelain')).toBe('')
  })

  it.each(['prose', 'bad-json', 'approve-with-high'])('review that is no verdict: %s', action => {
    const report = run(agent, 'review', [{ do: action }])
    expect(report.ok && readVerdict(report).ok).toBe(false)
  })

  it('changes nothing when instructed so', () => {
    expect(run(agent, 'implementation', [{ do: 'no-change' }]).ok).toBe(true)
    expect(git('status', '--porcelain')).toBe('')
  })

  it('commits, where its sandbox lets it', () => {
    expect(run(agent, 'implementation', [{ do: 'commit' }]).ok).toBe(true)
    expect(git('log', '--format=%s')).toBe(agent === codex ? '' : 'WP07: work of the fake agent')
  })

  it('dies by a signal', () => {
    expect(run(agent, 'implementation', [{ do: 'crash' }])).toMatchObject({ failure: { class: 'crashed' } })
  })

  it('prints much and continues', () => {
    expect(run(agent, 'implementation', [{ do: 'print-mb', mb: 3, next: 'no-change' }]).ok).toBe(true)
  })

  it('waits for a file', async () => {
    const gate = join(root, 'gate')
    writeFileSync(join(root, 'rules'), JSON.stringify([{ do: 'hang', file: gate }]))
    const { program, command, promptFile, env } = start(agent, 'implementation')
    const stdin = openSync(promptFile, 'r')
    const child = spawn(program, [...command.args], { cwd: worktree, env, stdio: [stdin, 'ignore', 'ignore'] })
    const ended = new Promise(resolve => child.once('exit', resolve))
    while (!existsSync(join(root, 'journal'))) await new Promise(resolve => setTimeout(resolve, 10))
    expect(child.exitCode).toBeNull()
    writeFileSync(gate, '')
    expect(await ended).toBe(0)
  })
})

describe.each([{ agent: claudeCode }, { agent: codex }])('$agent.id', ({ agent }) => {
  it.each(['usage-limit', 'rate-limit', 'overloaded', 'network', 'auth', 'billing', 'context-exceeded'])(
    'fails with class %s',
    action => {
      expect(run(agent, 'implementation', [{ do: action }])).toMatchObject({ failure: { class: action } })
    },
  )

  it('resumes its own session, and tells what all of it cost', () => {
    const first = run(agent, 'implementation')
    const other = run(agent, 'implementation')
    const resumeSession = first.sessionId
    const second = run(agent, 'implementation', [], { resumeSession })
    expect(journal().map(({ session }) => session)).toEqual([resumeSession, other.sessionId, resumeSession])
    expect(other.sessionId).not.toBe(resumeSession)
    for (const name of agent.cumulativeUsage) {
      expect(other.usage?.[name]).toBe(first.usage?.[name])
      expect(second.usage?.[name]).toBe(2 * (first.usage?.[name] ?? 0))
    }
  })

  it('does not resume a session that is not there', () => {
    const report = run(agent, 'implementation', [], { resumeSession: '01a1fbcd-80cb-7b53-a368-28fa85a04430' })
    expect(report).toMatchObject({ ok: false, failure: { class: 'agent-error' } })
    expect(existsSync(join(root, 'journal'))).toBe(false)
  })

  it('tells when its limit ends', () => {
    const resets = agent === codex ? '2:08 AM' : String(Math.ceil(Date.now() / 1000) + 3600)
    const report = run(agent, 'implementation', [{ do: 'usage-limit', resets }])
    expect(report).toMatchObject({ failure: { resetAt: expect.stringMatching(/^\d{4}-/) } })
  })

  it.each([
    ['a flag it does not know', { args: ['--no-such-flag'] }],
    ['an empty prompt', { prompt: ' \n' }],
  ])('refuses %s', (_, options) => {
    expect(run(agent, 'implementation', [], options)).toMatchObject({ failure: { class: 'bad-invocation' } })
    expect(existsSync(join(root, 'journal'))).toBe(false)
  })
})

describe('subtasks', () => {
  it('are marked with the command of the prompt where the host can be reached', () => {
    const folder = join(root, 'host')
    mkdirSync(folder)
    const record = `#!/bin/sh\nprintf '%s ' "$@" > ${join(root, 'marked')}\n`
    writeFileSync(join(folder, 'spec-kitty'), record, { mode: 0o755 })
    const text = prompt('implementation', '\n    spec-kitty agent tasks mark-status T001 --status done --json\n')
    writeFileSync(join(root, 'rules'), '[]')
    const { program, command, promptFile, env } = start(claudeCode, 'implementation', { prompt: text })
    const path = `${folder}:${process.env.PATH}`
    const stdin = openSync(promptFile, 'r')
    spawnSync(program, [...command.args], {
      cwd: worktree,
      env: { ...env, PATH: path },
      stdio: [stdin, 'pipe', 'pipe'],
    })
    expect(readFileSync(join(root, 'marked'), 'utf8')).toBe('agent tasks mark-status T001 --status done --json ')
  })

  it('are claimed in the last line where it cannot, unless instructed not to', () => {
    const text = prompt('implementation', '\n    Subtasks done: T001 T002\n')
    const claimed = run(codex, 'implementation', [], { prompt: text })
    expect(claimed.text).toMatch(/^Subtasks done: T001 T002$/m)
    const silent = run(codex, 'implementation', [{ do: 'ok', markSubtasks: false }], { prompt: text })
    expect(silent.text).not.toContain('Subtasks done')
  })
})
