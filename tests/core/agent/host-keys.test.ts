import { describe, expect, it } from 'vitest'
import { builtInAgents } from '../../../src/agents/registry.ts'
import { hostAgentsIn, hostKeys } from '../../../src/core/agent/host-keys.ts'

const available = (list: unknown) => hostAgentsIn({ agents: { available: list } })

describe('the keys of the host', () => {
  it('are those of host 3.2.7, each with an agent of ours or none', () => {
    expect(hostKeys).toEqual({
      claude: 'claude-code',
      codex: 'codex',
      copilot: 'copilot',
      gemini: 'gemini',
      qwen: 'qwen',
      opencode: 'opencode',
      kilocode: 'kilocode',
      auggie: 'augment',
      cursor: 'cursor',
      pi: 'pi',
      letta: 'letta',
      windsurf: null,
      q: null,
      kiro: null,
      antigravity: null,
      vibe: null,
    })
    const ours = Object.values(hostKeys).filter(id => id !== null)
    expect(ours.toSorted()).toEqual(builtInAgents.map(({ id }) => id as string).toSorted())
  })
})

describe('agents.available', () => {
  it.each([
    [['claude', 'auggie', 'claude'], ['claude-code', 'augment'], []],
    ['claude', ['claude-code'], []],
    [[], [], []],
    [null, [], []],
    [undefined, [], []],
    [7, [], ['agents.available is not a list of names']],
    [{ claude: true }, [], ['agents.available is not a list of names']],
    [['q', 'codex', 'nonsense'], ['codex'], ['sko has no agent for q, nonsense in agents.available']],
    [['toString'], [], ['sko has no agent for toString in agents.available']],
    [[['claude']], [], ['sko has no agent for an entry that is no text in agents.available']],
  ])('%j', (list, ids, problems) => {
    expect(available(list)).toEqual({ ids, problems })
  })

  it('is bounded', () => {
    const many = Array.from({ length: 200 }, (_, index) => `${'x'.repeat(50)}${index}`)
    const [problem = ''] = available([...many.slice(0, 99), 'codex', 'claude']).problems
    expect(available([...many.slice(0, 99), 'codex', 'claude']).ids).toEqual(['codex'])
    expect(problem.length).toBeLessThan(600)
    expect(problem.match(/x+/g)).toHaveLength(10)
  })

  it.each([
    [{ tools: { available: ['codex'] } }, ['codex']],
    [{ agents: { available: ['claude'] }, tools: { available: ['codex'] } }, ['claude-code']],
    [{ agents: {}, tools: { available: ['codex'] } }, ['codex']],
    [{ agents: { auto_commit: true } }, []],
    [{ agents: 'claude' }, []],
    [null, []],
    ['text', []],
    [[], []],
  ])('%j', (root, ids) => {
    expect(hostAgentsIn(root)).toEqual({ ids, problems: [] })
  })
})
