import { expect, it } from 'vitest'
import { claudeCode } from '../../src/agents/adapters/claude-code.ts'
import { agentId } from '../../src/agents/agent-id.ts'
import { createCustomAgent } from '../../src/agents/custom/custom.ts'
import { configSchema } from '../../src/config/schema.ts'
import type { Role } from '../../src/core/work-package/work-package.ts'
import { reviewerIsReadOnly, settingsOf } from '../../src/run/attempts/agent-pool.ts'
import { customDefinition } from '../agents/custom-definition.ts'

const configWith = (settings: unknown) => configSchema.parse({ agents: { settings: { 'claude-code': settings } } })
const both = { model: 'small', args: ['--a', '1'], env: { A: '1', B: '1' } }

it.each<[string, unknown, Role, unknown]>([
  ['nothing configured', {}, 'review', { model: null, args: [], env: {} }],
  ['what is for both roles', both, 'review', both],
  [
    'a model of the role instead',
    { ...both, review: { model: 'big' } },
    'review',
    { model: 'big', args: ['--a', '1'], env: { A: '1', B: '1' } },
  ],
  [
    'arguments of the role after, variables over',
    { ...both, implementation: { args: ['--b'], env: { B: '2', C: '2' } } },
    'implementation',
    { model: 'small', args: ['--a', '1', '--b'], env: { A: '1', B: '2', C: '2' } },
  ],
  ['nothing of the other role', { review: both }, 'implementation', { model: null, args: [], env: {} }],
])('settings of a role: %s', (_, settings, role, expected) => {
  expect(settingsOf(configWith(settings), claudeCode.id, role)).toEqual(expected)
})

it('settings of an agent that is not configured are empty', () => {
  expect(settingsOf(configWith(both), agentId('codex'), 'review')).toEqual({ model: null, args: [], env: {} })
})

it.each<[string, unknown, boolean]>([
  ['as it is', {}, true],
  ['with a model and variables', { model: 'big', env: { A: '1' } }, true],
  ['with arguments for both roles', { args: ['--verbose'] }, false],
  ['with arguments for reviews', { review: { args: ['--permission-mode', 'acceptEdits'] } }, false],
  ['with arguments for implementations alone', { implementation: { args: ['--verbose'] } }, true],
])('a read-only reviewer is vouched for %s: %j -> %s', (_, settings, expected) => {
  expect(reviewerIsReadOnly(claudeCode, configWith(settings))).toBe(expected)
})

it('a reviewer that can write is never vouched for', () => {
  const custom = createCustomAgent(agentId('mine'), customDefinition({ command: ['mine'], review: true }))
  expect(reviewerIsReadOnly(custom, configWith({}))).toBe(false)
})
