import { describe, expect, it } from 'vitest'
import type { Agent, AgentRequest } from '../../src/agents/agent.ts'
import { agentId } from '../../src/agents/agent-id.ts'
import { claudeCode } from '../../src/agents/claude-code.ts'
import { codex } from '../../src/agents/codex.ts'
import { type CustomAgentDefinition, createCustomAgent } from '../../src/agents/custom.ts'
import { policyFor } from '../../src/agents/policy.ts'
import { builtInAgents, createRegistry } from '../../src/agents/registry.ts'
import { verdictJsonSchema } from '../../src/agents/verdict.ts'
import { forbiddenFlagIn } from '../../src/core/forbidden-flags.ts'
import type { Role } from '../../src/core/work-package.ts'

const schema = JSON.stringify(verdictJsonSchema)
const plain = { model: null, args: [], env: {} }
const configured = { model: 'big', args: ['--extra', '1'], env: { LEVEL: '2' } }

function request(role: Role, settings: AgentRequest['settings'] = plain): AgentRequest {
  return {
    role,
    promptFile: '/logs/p.md',
    prompt: '# Implement WP01',
    worktree: '/repo/lane',
    filePrefix: '/logs/WP01/review-c1-a2',
    settings,
  }
}

describe('claude-code', () => {
  const implementation = [
    ...['-p', '--output-format', 'stream-json', '--verbose', '--permission-mode', 'acceptEdits'],
    ...['--allowedTools', 'Bash', '--strict-mcp-config'],
  ]
  const review = [
    ...['-p', '--output-format', 'json', '--permission-mode', 'dontAsk', '--tools', 'Read,Grep,Glob,Bash'],
    ...['--allowedTools', 'Bash(git diff *)', 'Bash(git log *)', 'Bash(git show *)', 'Bash(git status *)'],
    ...['--strict-mcp-config', '--json-schema', schema],
  ]

  it.each([
    ['implementation', plain, implementation],
    ['implementation', configured, [...implementation, '--model', 'big', '--extra', '1']],
    ['review', plain, review],
    ['review', configured, [...review, '--model', 'big', '--extra', '1']],
  ] as const)('%s %j', (role, settings, args) => {
    expect(claudeCode.command(request(role, settings)).args).toEqual(args)
  })

  it('gives up on an API error soon, unless configured otherwise', () => {
    expect(claudeCode.command(request('review')).env).toEqual({ CLAUDE_CODE_MAX_RETRIES: '3' })
    const settings = { ...plain, env: { CLAUDE_CODE_MAX_RETRIES: '9' } }
    expect(claudeCode.command(request('review', settings)).env).toEqual({ CLAUDE_CODE_MAX_RETRIES: '9' })
  })

  it('writes no files', () => {
    expect(claudeCode.command(request('review'))).toMatchObject({ files: [] })
  })
})

describe('codex', () => {
  const last = '/logs/WP01/review-c1-a2.last.txt'
  const schemaFile = '/logs/WP01/review-c1-a2.schema.json'
  const network = 'sandbox_workspace_write.network_access=true'

  it.each([
    ['implementation', plain, ['exec', '--json', '-s', 'workspace-write', '-c', network, '-o', last, '-']],
    [
      'implementation',
      configured,
      ['exec', '--json', '-s', 'workspace-write', '-c', network, '-o', last, '-m', 'big', '--extra', '1', '-'],
    ],
    ['review', plain, ['exec', '--json', '-s', 'read-only', '--output-schema', schemaFile, '-o', last, '-']],
    [
      'review',
      configured,
      [
        ...['exec', '--json', '-s', 'read-only', '--output-schema', schemaFile],
        ...['-o', last, '-m', 'big', '--extra', '1', '-'],
      ],
    ],
  ] as const)('%s %j', (role, settings, args) => {
    expect(codex.command(request(role, settings))).toMatchObject({ args, env: settings.env, finalMessageFile: last })
  })

  it('has the schema written for a review only', () => {
    expect(codex.command(request('review')).files).toEqual([{ path: schemaFile, content: schema }])
    expect(codex.command(request('implementation')).files).toEqual([])
  })
})

describe('a custom agent', () => {
  const custom = (definition: Partial<CustomAgentDefinition>) =>
    createCustomAgent(agentId('mine'), { command: ['./mine'], prompt: 'stdin', review: false, ...definition })

  it.each<[string, Partial<CustomAgentDefinition>, readonly string[]]>([
    ['stdin', { command: ['mine', '-q'] }, ['-q', '--extra', '1']],
    ['argument', { command: ['mine', '-q'], prompt: 'argument' }, ['-q', '--extra', '1', '# Implement WP01']],
    [
      'file',
      { command: ['mine', '--in={prompt_file}', '-C', '{worktree}'], prompt: 'file' },
      ['--in=/logs/p.md', '-C', '/repo/lane', '--extra', '1'],
    ],
    ['unknown placeholders', { command: ['mine', '{model}', '$(x)', '{}'] }, ['{model}', '$(x)', '{}', '--extra', '1']],
  ])('%s', (_, definition, args) => {
    const agent = custom(definition)
    expect(agent.command(request('implementation', configured)).args).toEqual(args)
    expect(agent.promptVia).toBe(definition.prompt ?? 'stdin')
  })

  it('reviews only when the configuration says that it can', () => {
    expect(custom({ review: true }).roles).toEqual(['implementation', 'review'])
    expect(custom({ review: false }).roles).toEqual(['implementation'])
    expect(custom({}).binaries).toEqual(['./mine'])
  })
})

describe('the policy', () => {
  const policy = (agent: Agent, role: Role, args: readonly string[] = []) =>
    policyFor(agent, agent.command(request(role, { ...plain, args })).capabilities, '1.2.3')

  it.each<[Agent, Role, object]>([
    [
      claudeCode,
      'implementation',
      { agent_family: 'claude-code', approval_mode: 'acceptEdits', sandbox_mode: 'none', network_mode: 'unrestricted' },
    ],
    [claudeCode, 'review', { approval_mode: 'dontAsk', sandbox_mode: 'none', network_mode: 'no-network-tools' }],
    [
      codex,
      'implementation',
      { agent_family: 'codex', approval_mode: 'never', sandbox_mode: 'workspace-write', network_mode: 'unrestricted' },
    ],
    [codex, 'review', { approval_mode: 'never', sandbox_mode: 'read-only', network_mode: 'none' }],
  ])('of %o as %s tells what is run', (agent, role, facts) => {
    const base = { orchestrator_id: 'spec-kitty-orchestrator', orchestrator_version: '1.2.3', dangerous_flags: [] }
    expect(policy(agent, role)).toMatchObject({ ...base, ...facts })
  })

  it('follows what the user adds to the argv', () => {
    const bypass = policy(claudeCode, 'implementation', ['--permission-mode', 'bypassPermissions'])
    expect(bypass).toMatchObject({
      approval_mode: 'bypassPermissions',
      dangerous_flags: ['--permission-mode bypassPermissions'],
    })
    const open = policy(codex, 'implementation', ['--sandbox=danger-full-access'])
    expect(open).toMatchObject({
      sandbox_mode: 'danger-full-access',
      dangerous_flags: ['--sandbox=danger-full-access'],
    })
  })

  it('names the tools a reviewer is left with', () => {
    expect(policy(claudeCode, 'review').tool_restrictions).toContain('Read, Grep, Glob, Bash(git diff *)')
    expect(policy(claudeCode, 'implementation').tool_restrictions).toBeNull()
  })

  it('of a custom agent lists its dangerous flags', () => {
    const command = ['mine', '--yolo', '--dangerously-do-it', '--allow-all-tools', '--approval-mode=yolo', '--quiet']
    const agent = createCustomAgent(agentId('mine'), { command, prompt: 'stdin', review: false })
    expect(policy(agent, 'implementation')).toMatchObject({
      agent_family: 'custom',
      approval_mode: 'custom',
      dangerous_flags: ['--yolo', '--dangerously-do-it', '--allow-all-tools', '--approval-mode=yolo'],
    })
  })

  it('withholds values the host would refuse', () => {
    const command = ['mine', '--dangerously-use-key=a', '--dangerously-monkey']
    const agent = createCustomAgent(agentId('mine'), { command, prompt: 'stdin', review: false })
    expect(policy(agent, 'implementation').dangerous_flags).toEqual(['withheld', 'withheld'])
    const { capabilities } = claudeCode.command(request('review'))
    expect(policyFor(claudeCode, { ...capabilities, sandboxMode: 'Token' }, 'secret-1')).toMatchObject({
      sandbox_mode: 'withheld',
      orchestrator_version: 'withheld',
    })
  })
})

describe('the registry', () => {
  it('runs nothing that the host forbids', () => {
    for (const agent of builtInAgents) {
      for (const role of agent.roles) {
        const { args, capabilities } = agent.command(request(role))
        expect(forbiddenFlagIn(args)).toBeNull()
        expect(JSON.stringify(policyFor(agent, capabilities, '1.2.3'))).not.toMatch(
          /token|secret|key|password|credential|withheld/i,
        )
      }
    }
  })

  it('adds the custom agents to the built-in ones', () => {
    const registry = createRegistry({ mine: { command: ['mine'], prompt: 'stdin', review: false } })
    expect([...registry.keys()]).toEqual(['claude-code', 'codex', 'mine'])
  })

  it.each(['codex', 'Mine', '../x', ''])('refuses a custom agent called %j', id => {
    const definition = { command: ['mine'], prompt: 'stdin', review: false } as const
    expect(() => createRegistry({ [id]: definition })).toThrow(expect.objectContaining({ code: 'config-invalid' }))
  })
})
