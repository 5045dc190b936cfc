import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where the agent works and how it reports progress. */
export interface Workplace {
  readonly worktree: string
  readonly say: (line: string) => void
  readonly pauseMs: number
}

interface Task {
  readonly file: string
  readonly path: string
  readonly lines: readonly string[]
  readonly errsAtFirst: boolean
}

/** Does what the prompt asks, if it has the form in mission.ts. Otherwise throws. */
export async function work(prompt: string, workplace: Workplace): Promise<void> {
  const [, role, wpId] = /^# (Implement|Review) (WP\d{2,})\n/.exec(prompt) ?? []
  if (wpId === undefined) throw new Error('the prompt begins with neither "# Implement WPnn" nor "# Review WPnn"')
  const closing = '\n</work-package>'
  const end = prompt.lastIndexOf(closing)
  const wpText = prompt.slice(prompt.indexOf('<work-package'), end)
  const task = readTask(wpText, workplace.worktree)
  const say = async (line: string) => {
    workplace.say(line)
    await sleep(workplace.pauseMs)
  }
  const after = prompt.slice(end + closing.length)
  if (role === 'Review') return review(wpId, task, after, say)
  return implement(wpId, task, after, workplace, say)
}

function readTask(wpText: string, worktree: string): Task {
  const demand = /^Write exactly these lines into `([^`\n]+)`:\n\n```\n([\s\S]*?)\n```$/m.exec(wpText)
  const [, file = '', content = ''] = demand ?? []
  const path = resolve(worktree, file)
  if (!demand || !path.startsWith(resolve(worktree) + sep)) throw new Error('the work package names no file to write')
  return { file, path, lines: content.split('\n'), errsAtFirst: /^Hint for the scripted agent: forget/m.test(wpText) }
}

type Say = (line: string) => Promise<void>

/** `after`: our part of the prompt after the work package: subtasks and, on rework, the findings. */
async function implement(wpId: string, task: Task, after: string, workplace: Workplace, say: Say): Promise<void> {
  const rework = /^## Rework/m.test(after)
  await say(rework ? `Reading the findings on ${wpId}` : `Reading what ${wpId} asks for`)
  const lines = task.errsAtFirst && !rework ? task.lines.slice(0, -1) : task.lines
  await say(`Writing ${lines.length} lines into ${task.file}`)
  mkdirSync(dirname(task.path), { recursive: true })
  writeFileSync(task.path, `${lines.join('\n')}\n`)
  run('git', ['add', '--', task.file], workplace)
  run('git', ['commit', '--quiet', '--message', `${wpId}: ${rework ? 'fix' : 'write'} ${task.file}`], workplace)
  const [program, ...args] = /^ {4}(spec-kitty agent tasks mark-status .*)$/m.exec(after)?.[1]?.split(' ') ?? []
  if (program !== undefined) {
    await say('Marking the subtasks as done')
    run(program, args, workplace)
  }
  await say(`Done with ${wpId}`)
}

/** `after`: our part of the prompt after the work package, with the findings of the last review. */
async function review(wpId: string, task: Task, after: string, say: Say): Promise<void> {
  await say(`Reading ${task.file}`)
  const found = existsSync(task.path) ? readFileSync(task.path, 'utf8').split('\n').slice(0, -1) : []
  await say(`Comparing ${found.length} lines with the ${task.lines.length} that the work package asks for`)
  const index = Array.from({ length: Math.max(task.lines.length, found.length) }).findIndex(
    (_, line) => task.lines[line] !== found[line],
  )
  const expected = task.lines[index]
  const finding = {
    severity: 'high',
    file: existsSync(task.path) ? task.file : wpId,
    // A missing line has no number yet.
    line: index < found.length ? index + 1 : null,
    problem: expected === undefined ? 'This line was not asked for.' : `This line is missing or differs: ${expected}`,
    change: expected === undefined ? 'Remove it.' : `Write exactly: ${expected}`,
  }
  const approved = index === -1
  const verdict = {
    verdict: approved ? 'approved' : 'changes_requested',
    summary: approved ? `${task.file} holds exactly the lines asked for.` : `${task.file} is not what was asked for.`,
    findings: approved ? [] : [finding],
    checks: [],
    earlier: statements(after, approved ? 'fixed' : 'open', task.file),
  }
  await say(JSON.stringify(verdict))
}

/** What it says about each finding of the last review. */
function statements(after: string, state: 'fixed' | 'open', file: string) {
  const list = /^## Findings of the last review\n([\s\S]*?)^## /m.exec(after)?.[1] ?? ''
  const numbers = [...list.matchAll(/^(\d+)\. \[/gm)].map(([, number]) => Number(number))
  return numbers.map(number => ({ number, state, file, line: null, note: null }))
}

function run(program: string, args: readonly string[], { worktree }: Workplace): void {
  execFileSync(program, args, { cwd: worktree, stdio: ['ignore', 'ignore', 'inherit'] })
}
