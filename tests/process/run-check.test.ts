import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createCheckRunner } from '../../src/local/check-runner.ts'
import type { CheckOutcome, CheckRequest } from '../../src/run/ports.ts'
import { wp } from '../run/fakes.ts'
import { eventually, killAll, newToken } from './leaks.ts'

let folder = ''
let token = ''

beforeEach(() => {
  token = newToken()
  folder = mkdtempSync(join(tmpdir(), 'sko-check-'))
})

afterEach(() => {
  const left = killAll(token)
  rmSync(folder, { recursive: true, force: true })
  expect(left).toEqual([])
})

const logFile = () => join(folder, 'a.check-1.log')

function run(command: string, over: Partial<CheckRequest> = {}, signal = new AbortController().signal) {
  const env = { ...process.env, GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/index', TOKEN: token }
  const check = createCheckRunner({ runId: 'run-1', repoRoot: folder, env, maxLogMb: 64 })
  const request = { wpId: wp('WP01'), command, worktree: folder, logFile: logFile(), timeoutSeconds: 60 }
  return check({ ...request, ...over }, signal)
}

function resultOf(outcome: CheckOutcome) {
  if (outcome.kind !== 'ended') throw new Error(`it did not end: ${outcome.kind}`)
  return outcome.result
}

it.each([
  ['true', 0, ''],
  ['echo fine', 0, ''],
  ['echo on stdout; echo on stderr >&2; exit 3', 3, 'on stdout\non stderr'],
  ['no-such-program-of-ours', 127, expect.stringContaining('no-such-program-of-ours')],
  ['kill -KILL $$', 137, ''],
  ['read line; echo "<$line>"; false', 1, '<>'],
  ['echo "$SKO_WP $GIT_DIR$GIT_INDEX_FILE"; false', 1, 'WP01'],
  ['printf "\\033[31mred\\033[0m\\r\\nnext\\007 line\\n"; false', 1, 'red\nnext line'],
  [
    "echo '-----BEGIN RSA PRIVATE KEY-----'; echo c2VjcmV0; echo '-----END RSA PRIVATE KEY-----'; false",
    1,
    '[redacted]',
  ],
  ['echo "API_TOKEN=abcdefgh12345678"; false', 1, 'API_TOKEN=[redacted]'],
])('%s: exit %s, and what of it is kept', async (command, exitCode, output) => {
  expect(resultOf(await run(command))).toMatchObject({ exitCode, output, log: logFile() })
})

it('keeps the end of much output, all of it in a log for the user alone, and the log of an earlier run', async () => {
  await run('echo earlier')
  const { output } = resultOf(await run(`yes ${'x'.repeat(99)} | head -c 50000000; echo; echo the end; false`))
  expect(output.length).toBeLessThanOrEqual(4096)
  expect(output).toMatch(/^(?:x{99}\n)+x*\nthe end$/)
  expect(statSync(logFile())).toMatchObject({ size: 50_000_009, mode: 0o100600 })
  expect(readFileSync(`${logFile()}.before-1`, 'utf8')).toBe('earlier\n')
})

it('shows no half of a secret where the end that is looked at begins in one, also without lines', async () => {
  const fill = 'yes | head -c 65520'
  const secret = 'printf "sk-ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "'
  expect(resultOf(await run(`${secret}; ${fill} | tr '\\n' ' '; false`)).output).toMatch(/^y y y/)
  expect(resultOf(await run(`${secret}; ${fill} | tr '\\n' '\\r'; false`)).output).toMatch(/^y\ny/)
  expect(resultOf(await run(`${fill} | tr -d '\\n'; ${fill} | tr '\\n' y; false`)).output).toBe('')
})

it('does not show the secret of a command line either', async () => {
  expect(resultOf(await run('API_TOKEN=abcdefgh12345678 true')).command).toBe('API_TOKEN=[redacted] true')
})

it('leaves nothing running behind it, in whatever session, and is not held up by it', async () => {
  const began = performance.now()
  const { exitCode } = resultOf(await run(`setsid sleep ${token} & (sleep ${token} &) ; sleep ${token} & exit 2`))
  expect(exitCode).toBe(2)
  expect(performance.now() - began).toBeLessThan(50_000)
})

it('is stopped with all of its processes when its time is up, which is no exit code', async () => {
  const outcome = await run(`sleep ${token} & sleep ${token}`, { timeoutSeconds: 1 })
  expect(resultOf(outcome)).toMatchObject({ exitCode: null })
})

it('says nothing when we are stopped meanwhile', async () => {
  const stopping = new AbortController()
  const running = run(`touch ready; sleep ${token}`, {}, stopping.signal)
  await eventually(() => existsSync(join(folder, 'ready')), 'the check is at work')
  stopping.abort()
  expect(await running).toEqual({ kind: 'interrupted' })
})

it('that the system does not let begin says nothing of the work', async () => {
  expect(await run('true', { worktree: join(folder, 'gone') })).toMatchObject({
    kind: 'not-started',
    message: expect.stringContaining('there is no folder'),
  })
})

it('may remove its own log', async () => {
  expect(resultOf(await run(`rm '${logFile()}'; false`))).toMatchObject({ exitCode: 1, output: '' })
})
