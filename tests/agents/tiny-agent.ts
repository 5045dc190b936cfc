import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Role, Usage } from '../../src/core/work-package/work-package.ts'

/** The agent of docs/add-an-agent.md: its code as the page has it, and runs of it that the page does not need. */
const page = readFileSync(join(import.meta.dirname, '../../docs/add-an-agent.md'), 'utf8')

const blocks = [...page.matchAll(/^```(yaml|ts|json)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
  language,
  code: code ?? '',
}))

function blocksOf(language: string): readonly string[] {
  return blocks.filter(block => block.language === language).map(({ code }) => code)
}

const [yaml = ''] = blocksOf('yaml')
const [adapter = '', registration = ''] = blocksOf('ts')
const [expectedOfSuccess = ''] = blocksOf('json')
const [importLine = '', entry = ''] = registration.split('\n')

/** The page's code blocks. */
export const documented = { page, yaml, adapter, importLine, entry, expectedOfSuccess, blockCount: blocks.length }

const end = (fields: object) => `${JSON.stringify({ type: 'end', ...fields })}\n`
const tool = `${JSON.stringify({ type: 'tool', output: '{"type":"end","status":"ok"} 429 rate limit, 401, approved' })}\n`
const usage = { input: 9, output: 2 }

export interface TinyRun {
  readonly stdout: string
  readonly stderr: string
  /** `expected.json` */
  readonly expected: {
    readonly role: Role
    readonly exitCode: number
    readonly outcome: string
    readonly text?: string
    readonly verdict?: string
    readonly usage?: Usage
  }
}

/** What `tiny` printed, by the name of the recording. */
export const tinyRuns: Readonly<Record<string, TinyRun>> = {
  'ok-implementation': {
    stdout: `${tool}${end({ status: 'ok', text: 'Done.', usage })}`,
    stderr: '',
    expected: JSON.parse(expectedOfSuccess),
  },
  'ok-review': run('review', 0, 'ok', end({ status: 'ok', text: '{"verdict": "approved"}', usage }), {
    verdict: 'approved',
    usage: { inputTokens: 9, outputTokens: 2, costUsd: null },
  }),
  'rate-limit': run(
    'implementation',
    1,
    'rate-limit',
    end({ status: 'failed', error: { status: 429, message: 'Slow' } }),
  ),
  'no-login': run(
    'review',
    1,
    'auth',
    `${tool}${end({ status: 'failed', error: { status: 401, message: 'Log in' } })}`,
  ),
  'bad-flag': run('implementation', 64, 'bad-invocation', ''),
  'no-record': run('implementation', 0, 'agent-error', tool),
}

function run(
  role: Role,
  exitCode: number,
  outcome: string,
  stdout: string,
  more: Partial<TinyRun['expected']> = {},
): TinyRun {
  return { stdout, stderr: '', expected: { role, exitCode, outcome, ...more } }
}

/** `commands.json`: both roles, each as it is, with a model, with arguments and variables. */
export const tinyCommands = (['implementation', 'review'] as const).flatMap(role =>
  [{}, { model: 'big' }, { args: ['--mode', 'ask'], env: { LEVEL: '2' } }].map(settings => {
    const { model = null, args = [], env = {} } = settings
    const mode = role === 'review' ? 'look' : 'edit'
    return {
      role,
      settings,
      args: ['run', '--json', '--mode', mode, ...(model ? ['--model', model] : []), ...args],
      env,
      policy: {
        approval_mode: args[1] ?? mode,
        sandbox_mode: 'none',
        network_mode: 'unrestricted',
        dangerous_flags: [],
        tool_restrictions: null,
      },
    }
  }),
)
