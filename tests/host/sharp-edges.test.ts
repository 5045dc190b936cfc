import { describe, expect, it } from 'vitest'
import { longestArgument } from '../../src/core/argument.ts'
import {
  argumentsProblem,
  hostEnvironment,
  inputProblem,
  lastWordsOfTraceback,
  withoutEnvelope,
} from '../../src/host/sharp-edges.ts'
import { noteArgument } from '../../src/run/host/commands.ts'
import type { HostInput } from '../../src/run/host/input.ts'

describe('inputProblem', () => {
  it.each<HostInput>([
    { mission: 'demo-01M7YJ68' },
    { mission: '001-demo', wpId: 'WP01' },
    { wpId: 'WP100', to: 'in_progress' },
    { target: 'feature/x' },
    { subtasks: ['T001', 'T1234'] },
    {},
  ])('has nothing against %j', input => {
    expect(inputProblem(input, true)).toBeNull()
  })

  it.each<[HostInput, RegExp]>([
    [{ mission: '' }, /not a mission slug/],
    [{ mission: '-demo' }, /not a mission slug/],
    [{ mission: '--help' }, /not a mission slug/],
    [{ mission: 'a/b' }, /not a mission slug/],
    [{ mission: 'a..b' }, /not a mission slug/],
    [{ mission: '../x' }, /not a mission slug/],
    [{ mission: 'demo\0' }, /\\u0000/],
    [{ mission: 'demo\n' }, /not a mission slug/],
    [{ mission: '01M7YRMJ45NP7P257HRPNJ4FYX' }, /full slug/],
    [{ mission: '01M7YRMJ' }, /full slug/],
    [{ wpId: '*' }, /not a work package id/],
    [{ wpId: 'WP01-part' }, /not a work package id/],
    [{ wpId: 'WP1' }, /not a work package id/],
    [{ wpId: 'WP01\n' }, /not a work package id/],
    [{ to: 'doing' }, /not a lane/],
    [{ to: 'nonsense' }, /not a lane/],
    [{ target: '--push' }, /not a branch name/],
    [{ target: '' }, /not a branch name/],
    [{ subtasks: [] }, /no subtask to mark/],
    [{ subtasks: ['T001', '--all'] }, /"--all" is not a subtask id/],
    [{ subtasks: ['T01'] }, /not a subtask id/],
  ])('refuses %j', (input, problem) => {
    expect(inputProblem(input, true)).toMatch(problem)
  })

  it('lets a read take a mission id', () => {
    expect(inputProblem({ mission: '01M7YRMJ' }, false)).toBeNull()
    expect(inputProblem({ mission: '01M7YRMJ45NP7P257HRPNJ4FYX' }, false)).toBeNull()
  })
})

describe('arguments', () => {
  it('end at the limit of the operating system', () => {
    expect(argumentsProblem(['--policy', 'x'.repeat(longestArgument)])).toBeNull()
    expect(argumentsProblem(['--policy', 'x'.repeat(longestArgument + 1)])).toBe(
      'the argument after --policy is 131072 bytes long; the limit is 131071',
    )
    expect(argumentsProblem(['--policy', 'é'.repeat(65_536)])).toMatch(/131072 bytes/)
    expect(argumentsProblem(['--review-ref', 'a\0b'])).toMatch(/after --review-ref contains a NUL/)
  })

  it('shorten notes, and only where they must be', () => {
    const most = 'x'.repeat(longestArgument)
    expect(noteArgument(most)).toBe(most)
    const short = noteArgument('é'.repeat(100_000))
    expect(argumentsProblem(['--note', short])).toBeNull()
    expect(short).toMatch(/é … \[shortened\]$/)
    expect(noteArgument('-x\0y\n')).toBe('-x\ufffdy\n')
  })
})

describe('hostEnvironment', () => {
  it('puts the folder of the command first on PATH, because git runs spec-kitty', () => {
    expect(hostEnvironment({ PATH: '/bin' }, '/opt/venv/bin/spec-kitty', '/repo').PATH).toBe('/opt/venv/bin:/bin')
    expect(hostEnvironment({ PATH: '/bin' }, './venv/bin/spec-kitty', '/repo').PATH).toBe('/repo/venv/bin:/bin')
    expect(hostEnvironment({}, '/opt/venv/bin/spec-kitty', '/repo').PATH).toBe('/opt/venv/bin')
    expect(hostEnvironment({ PATH: '/bin' }, 'spec-kitty', '/repo').PATH).toBe('/bin')
  })

  it.each([
    [undefined, 'C.UTF-8'],
    ['C', 'C.UTF-8'],
    ['', 'C.UTF-8'],
    ['POSIX', 'C.UTF-8'],
    ['de_DE.ISO-8859-1', 'C.UTF-8'],
    ['de_DE.UTF-8', 'de_DE.UTF-8'],
    ['C.utf8', 'C.utf8'],
  ])('turns LC_ALL %j into %j', (locale, expected) => {
    const env = hostEnvironment({ LC_ALL: locale }, 'spec-kitty', '/repo')
    expect(env).toMatchObject({ LC_ALL: expected, PYTHONUTF8: '1' })
  })

  it('keeps what it must not change and drops what would mislead the host', () => {
    const inherited = { HOME: '/h', SPECIFY_REPO_ROOT: '/x', GIT_DIR: '/x', GIT_INDEX_FILE: 'i', EMPTY: undefined }
    expect(hostEnvironment(inherited, 'spec-kitty', '/repo')).toEqual({
      HOME: '/h',
      LC_ALL: 'C.UTF-8',
      PYTHONUTF8: '1',
      COLUMNS: '1000',
      SPEC_KITTY_NO_UPGRADE_CHECK: '1',
      SPEC_KITTY_ENABLE_SAAS_SYNC: '0',
      GIT_CONFIG_KEY_0: 'i18n.logOutputEncoding',
      GIT_CONFIG_VALUE_0: 'UTF-8',
      GIT_CONFIG_KEY_1: 'core.safecrlf',
      GIT_CONFIG_VALUE_1: 'false',
      GIT_CONFIG_COUNT: '2',
    })
  })

  it('adds its setting of git to those that are injected already', () => {
    const injected = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' }
    expect(hostEnvironment(injected, 'spec-kitty', '/repo')).toMatchObject({
      ...injected,
      GIT_CONFIG_COUNT: '3',
      GIT_CONFIG_KEY_1: 'i18n.logOutputEncoding',
      GIT_CONFIG_VALUE_1: 'UTF-8',
      GIT_CONFIG_KEY_2: 'core.safecrlf',
      GIT_CONFIG_VALUE_2: 'false',
    })
  })
})

describe('lastWordsOfTraceback', () => {
  const box = ['╭── Traceback (most recent call last) ──╮', '│ /lib/x.py:1 in f │', '╰───────╯'].join('\n')

  it.each([
    [
      "Python's own",
      'Traceback (most recent call last):\n  File "x", line 1, in f\n    f()\nValueError: no\n',
      'ValueError: no',
    ],
    ['in a box', `${box}\nValueError: no\n`, 'ValueError: no'],
    [
      'in a coloured box',
      `\u001b[31m╰──╯\u001b[0m\n\u001b[1mValueError\u001b[0m: no\n`,
      '\u001b[1mValueError\u001b[0m: no',
    ],
    ['wrapped at a space', `${box}\nE: worktree \n/repo HEAD\n`, 'E: worktree /repo HEAD'],
    ['wrapped in a word', `${box}\nE: No /repo/demo-\n01M7\n`, 'E: No /repo/demo-01M7'],
    ['of a message with lines', `${box}\nE: one\ntwo\n`, 'E: one two'],
    ['of two exceptions', `${box}\nA: first\n\nDuring handling, another occurred:\n\n${box}\nB: second`, 'B: second'],
    ['with nothing after the frames', 'Traceback (most recent call last):\n  File "x"\n', '  File "x"'],
    ['empty', '', ''],
  ])('%s', (_name, stderr, expected) => {
    expect(lastWordsOfTraceback(stderr)).toBe(expected)
  })
})

describe('withoutEnvelope', () => {
  it.each([
    [4, '', 'This project needs …', 'project-outdated', /`spec-kitty upgrade`/],
    [5, '', 'This project uses …', 'host-outdated', /spec-kitty-cli/],
    [4, '<html>', '', 'host-garbage', /exited 4.*"<html>"/],
    [
      1,
      '',
      'Traceback (most recent call last):\n  x\nE: no',
      'host-defect',
      /^transition failed inside the host: E: no$/,
    ],
    [
      1,
      '',
      "Traceback (most recent call last):\n  x\nFailed: failed to \nstage requested files in /a b/repo: \n['x']",
      'host-defect',
      /remove the lock it left: rm -f '\/a b\/repo\/\.git\/index\.lock'$/,
    ],
    // As recorded from the real host (3.2.7).
    [
      1,
      '',
      "Traceback (most recent call last):\n  x\nBookkeepingPolicyRefused: Bookkeeping refused: PROTECTED_BRANCH_REFUSED: \nRefusing to record 'status transition WP01': destination ref 'work' is on this \nproject's protected branch list. This mission uses a lanes",
      'branch-protected',
      /^transition: the host does not record lanes on work, a branch that it protects$/,
    ],
    [1, 'Deleted branch x\n', 'Traceback (most recent call last):\n  x\nE: no', 'host-defect', /E: no/],
    [0, '', '', 'host-garbage', /exited 0 without an answer and printed nothing on stdout, on stderr ""/],
    [1, '', 'sh: \u001b[31mno\n', 'host-garbage', /on stderr "sh: \\u001b\[31mno\\n"/],
  ])('exit %i, stdout %j, stderr %j: %s', (exitCode, stdout, stderr, code, message) => {
    const failure = withoutEnvelope('transition', exitCode, stdout, stderr)
    expect(failure).toMatchObject({ ok: false, code, message: expect.stringMatching(message) })
  })
})
