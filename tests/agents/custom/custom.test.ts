import { describe, expect, it } from 'vitest'
import { claudeCode } from '../../../src/agents/adapters/claude-code.ts'
import { agentId } from '../../../src/agents/agent-id.ts'
import { createCustomAgent } from '../../../src/agents/custom/custom.ts'
import { policyFor } from '../../../src/agents/policy.ts'
import { builtInAgents, createRegistry } from '../../../src/agents/registry.ts'
import type { Role } from '../../../src/core/work-package/work-package.ts'
import type { Agent, AgentRequest } from '../../../src/run/attempts/agent.ts'
import { customDefinition } from '../custom-definition.ts'

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
    resumeSession: null,
  }
}

const custom = (given: Readonly<Record<string, unknown>>) =>
  createCustomAgent(agentId('mine'), customDefinition({ command: ['./mine'], ...given }))

describe('a custom agent', () => {
  it.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ['stdin', { command: ['mine', '-q'] }, ['-q', '--extra', '1']],
    ['argument', { command: ['mine', '-q'], prompt: 'argument' }, ['-q', '--extra', '1', '# Implement WP01']],
    [
      'file',
      { command: ['mine', '--in={prompt_file}', '-C', '{worktree}'], prompt: 'file' },
      ['--in=/logs/p.md', '-C', '/repo/lane', '--extra', '1'],
    ],
    [
      'a model',
      { command: ['mine', '--model', '{model}', '-m={model}'] },
      ['--model', 'big', '-m=big', '--extra', '1'],
    ],
    ['unknown placeholders', { command: ['mine', '{modle}', '$(x)', '{}'] }, ['{modle}', '$(x)', '{}', '--extra', '1']],
  ])('%s', (prompt, definition, args) => {
    const agent = custom(definition)
    expect(agent.command(request('implementation', configured))).toMatchObject({ args, env: { LEVEL: '2' }, files: [] })
    expect(agent.promptVia).toBe(['argument', 'file'].includes(prompt) ? prompt : 'stdin')
  })

  it('fills placeholders once: what a value holds is no placeholder', () => {
    const args = (settings: AgentRequest['settings']) =>
      custom({ command: ['mine', '{model}', '{worktree}'] }).command({
        ...request('implementation', settings),
        worktree: '/repo/{model}',
      }).args
    expect(args({ ...plain, model: '{worktree}$&$1' })).toEqual(['{worktree}$&$1', '/repo/{model}'])
  })

  it('reviews only when the configuration says that it can, with its own command where it has one', () => {
    const args = (agent: Agent, role: Role) => agent.command(request(role)).args
    const reviewer = custom({ command: ['mine', '-w'], review: true, review_command: ['mine', '-r', '{worktree}'] })
    expect(reviewer.roles).toEqual(['implementation', 'review'])
    expect(args(reviewer, 'implementation')).toEqual(['-w'])
    expect(args(reviewer, 'review')).toEqual(['-r', '/repo/lane'])
    expect(args(custom({ command: ['mine', '-w'], review: true }), 'review')).toEqual(['-w'])
    expect(custom({ review: false }).roles).toEqual(['implementation'])
  })

  it('can write and run git in a review unless the configuration claims otherwise', () => {
    expect(custom({ review: true })).toMatchObject({ reviewerIsReadOnly: false, reviewerRunsGit: true })
    expect(custom({ review: true, review_is_read_only: true })).toMatchObject({
      reviewerIsReadOnly: true,
      reviewerRunsGit: false,
    })
  })

  it('is looked for by its program, and asked for its version as configured', () => {
    expect(custom({})).toMatchObject({ binaries: ['./mine'], detection: { versionArgs: null, testedVersion: null } })
    expect(custom({ version_args: ['-V'] }).detection.versionArgs).toEqual(['-V'])
  })
})

describe('the policy', () => {
  const policy = (agent: Agent, role: Role, args: readonly string[] = []) =>
    policyFor(agent, agent.command(request(role, { ...plain, args })).capabilities, '1.2.3')
  /** As a configuration from before flags were refused could still hold it. */
  const unchecked = (...command: readonly string[]) =>
    createCustomAgent(agentId('mine'), { ...customDefinition({ command: ['mine'] }), command: ['mine', ...command] })

  it('of a custom agent lists its dangerous flags, those of its settings too', () => {
    const agent = unchecked('--yolo', '--dangerously-do-it', '--allow-all-tools', '--approval-mode=yolo', '--quiet')
    expect(policy(agent, 'implementation', ['--trust-all'])).toMatchObject({
      agent_family: 'custom',
      approval_mode: 'custom',
      dangerous_flags: ['--yolo', '--dangerously-do-it', '--allow-all-tools', '--approval-mode=yolo', '--trust-all'],
    })
  })

  it('is that of the role: a review has its own command, and its restrictions are the word of the user', () => {
    const command = ['mine', '--trust-all']
    const agent = custom({ command, review: true, review_command: ['mine', '--plan'], review_is_read_only: true })
    expect(policy(agent, 'implementation')).toMatchObject({ dangerous_flags: ['--trust-all'], tool_restrictions: null })
    expect(policy(agent, 'review')).toMatchObject({
      dangerous_flags: [],
      tool_restrictions: 'read-only, as its user configured it',
    })
    expect(policy(agent, 'review', ['--force'])).toMatchObject({
      dangerous_flags: ['--force'],
      tool_restrictions: null,
    })
  })

  it('withholds values the host would refuse', () => {
    const agent = unchecked('--dangerously-use-key=a', '--dangerously-monkey')
    expect(policy(agent, 'implementation').dangerous_flags).toEqual(['withheld', 'withheld'])
    const { capabilities } = claudeCode.command(request('review'))
    expect(policyFor(claudeCode, { ...capabilities, sandboxMode: 'Token' }, 'secret-1')).toMatchObject({
      sandbox_mode: 'withheld',
      orchestrator_version: 'withheld',
    })
  })
})

describe('the registry', () => {
  const definition = customDefinition({ command: ['mine'] })

  it('adds the custom agents to the built-in ones', () => {
    const registry = createRegistry({ mine: definition })
    expect([...registry.keys()]).toEqual([...builtInAgents.map(({ id }) => id), 'mine'])
  })

  it.each(['codex', 'Mine', '../x', ''])('refuses a custom agent called %j', id => {
    expect(() => createRegistry({ [id]: definition })).toThrow(expect.objectContaining({ code: 'config-invalid' }))
  })
})
