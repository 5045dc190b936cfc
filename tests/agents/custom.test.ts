import { describe, expect, it } from 'vitest'
import type { Agent, AgentRequest } from '../../src/agents/agent.ts'
import { agentId } from '../../src/agents/agent-id.ts'
import { claudeCode } from '../../src/agents/claude-code.ts'
import { type CustomAgentDefinition, createCustomAgent } from '../../src/agents/custom.ts'
import { policyFor } from '../../src/agents/policy.ts'
import { builtInAgents, createRegistry } from '../../src/agents/registry.ts'
import type { Role } from '../../src/core/work-package.ts'

const plain = { model: null, args: [], env: {} }
const configured = { model: 'big', args: ['--extra', '1'], env: { LEVEL: '2' } }

function request(role: Role, settings: AgentRequest['settings'] = plain): AgentRequest {
  return {
    role,
    promptFile: '/logs/p.md',
    prompt: '# Implement WP01',
    worktree: '/repo/lane',
    filePrefix: '/logs/WP01/review-c1-a2',
    timeoutSeconds: 3600,
    settings,
  }
}

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
  it('adds the custom agents to the built-in ones', () => {
    const registry = createRegistry({ mine: { command: ['mine'], prompt: 'stdin', review: false } })
    expect([...registry.keys()]).toEqual([...builtInAgents.map(({ id }) => id), 'mine'])
  })

  it.each(['codex', 'Mine', '../x', ''])('refuses a custom agent called %j', id => {
    const definition = { command: ['mine'], prompt: 'stdin', review: false } as const
    expect(() => createRegistry({ [id]: definition })).toThrow(expect.objectContaining({ code: 'config-invalid' }))
  })
})
