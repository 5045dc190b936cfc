import fc from 'fast-check'
import { expect, it } from 'vitest'
import { agentId } from '../../src/agents/agent-id.ts'
import { createCustomAgent } from '../../src/agents/custom/custom.ts'
import { builtInAgents } from '../../src/agents/registry.ts'
import type { AgentRequest } from '../../src/run/attempts/agent.ts'
import { customDefinition } from './custom-definition.ts'

/** Arguments of the user's that the facts of one agent or another are read from, and some that they are not. */
const userArguments: readonly (readonly string[])[] = [
  ...['acceptEdits', 'bypassPermissions', 'dontAsk'].map(mode => ['--permission-mode', mode]),
  ...['plan', 'yolo', 'default'].flatMap(mode => [['--approval-mode', mode], [`--approval-mode=${mode}`]]),
  ...['read-only', 'workspace-write', 'danger-full-access'].flatMap(mode => [['-s', mode], [`--sandbox=${mode}`]]),
  ...['true', 'false'].map(open => ['-c', `sandbox_workspace_write.network_access=${open}`]),
  ...['Read,Grep', 'read,grep,find,ls', 'Read,Glob,Grep'].map(tools => ['--tools', tools]),
  ['--allowedTools', 'Bash', 'Edit'],
  ['--available-tools=view,web_fetch'],
  ['--deny-tool', 'shell'],
  ['--remove-tool', 'web-fetch'],
  ['--permission', 'launch-process:allow'],
  ['--mcp-config', 'mine.json'],
  ['--admin-policy', '/etc/mine.toml'],
  ['--agent', 'build'],
  ['--agent=sko-reviewer'],
  ['--mode', 'ask'],
  ...[
    '--auto',
    '--no-auto',
    '--force',
    '--trust',
    '--allow-all',
    '--sandbox=true',
    '--ephemeral',
    '--dangerously-do-it',
  ].map(flag => [flag]),
]

const use = fc.record({
  role: fc.constantFrom('implementation' as const, 'review' as const),
  settings: fc.record({
    model: fc.constantFrom(null, 'large', 'yolo'),
    args: fc.array(fc.constantFrom(...userArguments), { maxLength: 4 }).map(args => args.flat()),
    env: fc.constant({}),
  }),
})

const path = fc.stringMatching(/^(?:\/[\w. -]{1,12}){1,4}$/)
const attempt = fc.record({
  promptFile: path,
  prompt: fc.string().map(text => `# ${text}`),
  worktree: path,
  filePrefix: path,
  timeoutSeconds: fc.integer({ min: 1, max: 100_000 }),
  resumeSession: fc.option(fc.stringMatching(/^[a-z0-9][\w-]{0,35}$/)),
})

const custom = createCustomAgent(
  agentId('mine'),
  customDefinition({
    command: ['mine', '--dir={worktree}', '--model={model}', '--trust-all', '{prompt_file}'],
    review: true,
    review_command: ['mine', '--look', '{worktree}'],
    review_is_read_only: true,
    prompt: 'argument',
  }),
)

it.each([...builtInAgents, custom].map(agent => ({ id: agent.id, agent })))(
  'what the host is given about $id before an attempt matches the command that is run',
  ({ agent }) => {
    fc.assert(
      fc.property(use, attempt, (given, values) => {
        const request: AgentRequest = { ...given, ...values }
        expect(agent.capabilities(given)).toEqual(agent.command(request).capabilities)
      }),
      { numRuns: 200 },
    )
  },
)
