import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { demoWorkPackages } from '../../src/demo/mission.ts'
import { work } from '../../src/demo/scripted-work.ts'
import { readVerdict } from '../../src/run/steps/verdict.ts'
import { scratch, writeProgram } from './scratch.ts'

afterEach(() => vi.unstubAllEnvs())

const wpText = (wpId: string) => demoWorkPackages.find(({ id }) => id === wpId)?.body ?? ''
const framed = (role: string, wpId: string, body: string, after = '') =>
  `# ${role} ${wpId}\n\nSome words.\n\n<work-package id="${wpId}">\n${body}\n\n</work-package>\n${after}`

const subtasks = '\n## Subtasks\n\n    spec-kitty agent tasks mark-status T003 --status done --mission m --json\n'
const findings = '\n## Rework: the review asked for changes\n\n1. [high] src/languages.mjs:4 A line is missing.\n'

/** A git repository for a worktree, and a `spec-kitty` that writes down how it was called. */
function makeWorkplace() {
  const root = scratch()
  const worktree = join(root, 'worktree')
  mkdirSync(worktree)
  const git = (...args: string[]) => execFileSync('git', args, { cwd: worktree, encoding: 'utf8' })
  git('init', '--quiet')
  git('config', 'user.name', 'test')
  git('config', 'user.email', 'test@localhost')
  git('config', 'commit.gpgsign', 'false')
  writeProgram(join(root, 'bin', 'spec-kitty'), `echo "$PWD" "$@" >> ${join(root, 'journal')}`)
  vi.stubEnv('PATH', `${join(root, 'bin')}:${process.env.PATH}`)
  const said: string[] = []
  return {
    git,
    worktree,
    work: (prompt: string) => work(prompt, { worktree, say: line => said.push(line), pauseMs: 0 }),
    read: (file: string) => readFileSync(join(worktree, file), 'utf8'),
    journal: () => readFileSync(join(root, 'journal'), 'utf8'),
    verdict: async (prompt: string) => {
      said.length = 0
      await work(prompt, { worktree, say: line => said.push(line), pauseMs: 0 })
      return readVerdict({ text: said.join('\n'), structured: null })
    },
  }
}

describe('the scripted agent', () => {
  it('writes what the work package asks for, commits it and marks the subtasks', async () => {
    const { work, read, git, journal, worktree } = makeWorkplace()
    await work(framed('Implement', 'WP01', wpText('WP01'), subtasks))
    expect(read('src/greetings.mjs')).toBe(
      "export const greetings = {\n  en: 'Hello',\n  de: 'Hallo',\n  fr: 'Bonjour',\n}\n",
    )
    expect(git('status', '--porcelain')).toBe('')
    expect(git('log', '--format=%s')).toBe('WP01: write src/greetings.mjs\n')
    expect(journal()).toBe(`${worktree} agent tasks mark-status T003 --status done --mission m --json\n`)
  })

  it('errs once, is found out by its review, and fixes it', async () => {
    const { work, read, verdict } = makeWorkplace()
    const reviewPrompt = framed('Review', 'WP03', wpText('WP03'))

    await work(framed('Implement', 'WP03', wpText('WP03'), subtasks))
    expect(read('src/languages.mjs').trimEnd().split('\n')).toHaveLength(3)
    expect(await verdict(reviewPrompt)).toMatchObject({
      ok: true,
      verdict: {
        verdict: 'changes_requested',
        findings: [{ severity: 'high', line: null, problem: expect.stringContaining('export const speaks') }],
      },
    })

    await work(framed('Implement', 'WP03', wpText('WP03'), subtasks + findings))
    expect(read('src/languages.mjs').trimEnd().split('\n')).toHaveLength(4)
    expect(await verdict(reviewPrompt)).toMatchObject({ ok: true, verdict: { verdict: 'approved', findings: [] } })
  })

  it.each([
    ['no file', null, null],
    ['a changed line', '# Usage\n\n`node src/cli.mjs Ada de`\n', 3],
    ['a line too many', '# Usage\n\n`node src/cli.mjs Ada fr` prints `Bonjour, Ada!`\nMore.\n', 4],
    ['no last newline', '# Usage\n\n`node src/cli.mjs Ada fr` prints `Bonjour, Ada!`', null],
  ])('does not approve %s', async (_, content, line) => {
    const { worktree, verdict } = makeWorkplace()
    mkdirSync(join(worktree, 'docs'))
    if (content !== null) writeFileSync(join(worktree, 'docs', 'usage.md'), content)
    expect(await verdict(framed('Review', 'WP05', wpText('WP05')))).toMatchObject({
      ok: true,
      verdict: {
        verdict: 'changes_requested',
        findings: [{ severity: 'high', file: content === null ? 'WP05' : 'docs/usage.md', line }],
      },
    })
  })

  it.each([
    ['another first line', 'Please implement WP01', /begins with neither/],
    ['no demand', framed('Implement', 'WP01', 'Make it nice.'), /names no file/],
    ['a file outside', framed('Implement', 'WP01', wpText('WP01').replace('src/', '../')), /names no file/],
  ])('refuses a prompt with %s', async (_, prompt, message) => {
    await expect(makeWorkplace().work(prompt)).rejects.toThrow(message)
  })

  it("runs no command that stands in the work package's own text", async () => {
    const { work, journal } = makeWorkplace()
    await work(framed('Implement', 'WP01', wpText('WP01') + subtasks))
    expect(journal).toThrow('ENOENT')
  })
})
