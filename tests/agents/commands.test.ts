import { describe, expect, it } from 'vitest'
import { policyFor } from '../../src/agents/policy.ts'
import { builtInAgents } from '../../src/agents/registry.ts'
import { forbiddenFlagIn } from '../../src/core/agent/forbidden-flags.ts'
import type { Role } from '../../src/core/work-package/work-package.ts'
import type { AgentRequest } from '../../src/run/attempts/agent.ts'
import { verdictJsonSchema } from '../../src/run/steps/verdict.ts'
import { commandsOf } from './transcripts.ts'

const prefix = '/logs/WP01/review-c1-a2'

function request(role: Role, settings: AgentRequest['settings'], resumeSession: string | null): AgentRequest {
  return {
    role,
    promptFile: '/logs/p.md',
    prompt: '# Implement WP01',
    worktree: '/repo/lane',
    filePrefix: prefix,
    timeoutSeconds: 3600,
    settings,
    resumeSession,
  }
}

/** Every agent of the registry: what it runs for each role and setting of its commands.json, and what the host is given. */
describe.each(builtInAgents.map(agent => ({ id: agent.id, agent })))('$id', ({ id, agent }) => {
  const rows = commandsOf(id, prefix, verdictJsonSchema())

  it('is shown in both roles: as it is, with a model, with arguments and variables', () => {
    for (const role of agent.roles) {
      const settings = rows.filter(row => row.role === role).map(row => row.settings)
      expect(settings.some(({ model, args }) => model === null && args.length === 0)).toBe(true)
      expect(settings.some(({ model }) => model !== null)).toBe(true)
      expect(settings.some(({ args, env }) => args.length > 0 && Object.keys(env).length > 0)).toBe(true)
    }
  })

  it('is shown resuming a session, if it can', () => {
    expect(rows.some(({ role, resumeSession }) => role === 'implementation' && resumeSession !== null)).toBe(
      agent.resumes,
    )
  })

  it.each(rows)('$role with $settings, resuming $resumeSession', ({ role, settings, resumeSession, ...row }) => {
    const { capabilities, ...command } = agent.command(request(role, settings, resumeSession))
    expect(command.args).toEqual(row.args)
    expect(command.env).toEqual(row.env)
    expect(Object.fromEntries(command.files.map(({ path, content }) => [path, content]))).toEqual(row.files)
    expect(command.resultFile).toBe(row.resultFile)
    expect(command.session).toBe(row.session)
    expect(policyFor(agent, capabilities, '1.2.3')).toEqual({
      orchestrator_id: 'spec-kitty-orchestrator',
      orchestrator_version: '1.2.3',
      agent_family: id,
      ...row.policy,
    })
  })

  it('runs nothing that the host forbids, and tells it nothing that it refuses', () => {
    for (const role of agent.roles) {
      const { args, capabilities } = agent.command(request(role, { model: null, args: [], env: {} }, null))
      expect(forbiddenFlagIn(args)).toBeNull()
      expect(JSON.stringify(policyFor(agent, capabilities, '1.2.3'))).not.toMatch(
        /token|secret|key|password|credential|withheld/i,
      )
    }
  })

  it('says which version it was measured with, or that it was never run', () => {
    expect(agent.detection.testedVersion ?? '0.0.0').toMatch(/^\d+\.\d+\.\d+$/)
  })
})
