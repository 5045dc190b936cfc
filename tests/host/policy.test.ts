import { describe, expect, it } from 'vitest'
import { type Policy, policyProblem } from '../../src/run/host/policy.ts'
import { policy } from './scripted-host.ts'

describe('policyProblem', () => {
  it('has nothing against a plain policy', () => {
    expect(policyProblem(policy)).toBeNull()
    expect(policyProblem({ ...policy, dangerous_flags: ['--fast'], tool_restrictions: 'no web' })).toBeNull()
  })

  it.each<[string, Partial<Policy>, RegExp]>([
    ['a substring', { agent_family: 'monkey-runner' }, /policy\.agent_family.*"key"/],
    ['any case', { orchestrator_id: 'My-ToKeN-bot' }, /policy\.orchestrator_id.*"ToKeN"/],
    ['secret', { approval_mode: 'secret' }, /policy\.approval_mode/],
    ['password', { network_mode: 'passwords' }, /policy\.network_mode/],
    ['in a flag', { dangerous_flags: ['--fast', '--credential-helper'] }, /policy\.dangerous_flags.*"credential"/],
    ['in the restrictions', { tool_restrictions: 'no keychain' }, /policy\.tool_restrictions/],
    ['banned', { dangerous_flags: ['--yolo'] }, /--yolo/],
    ['banned', { dangerous_flags: ['--fast', '--full-auto'] }, /--full-auto/],
    ['banned', { dangerous_flags: ['--dangerously-skip-permissions'] }, /--dangerously-skip-permissions/],
    [
      'banned',
      { dangerous_flags: ['--dangerously-bypass-approvals-and-sandbox'] },
      /--dangerously-bypass-approvals-and-sandbox/,
    ],
  ])('refuses a value with %s: %j', (_name, part, problem) => {
    expect(policyProblem({ ...policy, ...part })).toMatch(problem)
  })
})
