import { isRecord } from '../json.ts'
import { oneLine } from '../text.ts'

/** The keys of the host (3.2.7) for agents, and our ids; null: sko has no agent for it. */
export const hostKeys: Readonly<Record<string, string | null>> = {
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
}

/** `agents.available` of the host's `.kittify/config.yaml`. */
export interface HostAgents {
  /** Our ids, in the host's order. */
  readonly ids: readonly string[]
  /** Why some of it is not used, each a short sentence. */
  readonly problems: readonly string[]
}

/** As the host reads it: the section is also called `tools`, and one key may stand without a list. */
export function hostAgentsIn(root: unknown): HostAgents {
  const sections = isRecord(root) ? [root.agents, root.tools] : []
  const section = sections.find(value => isRecord(value) && Object.keys(value).length > 0)
  const given = isRecord(section) ? (section.available ?? []) : []
  const list = typeof given === 'string' ? [given] : given
  if (!Array.isArray(list)) return { ids: [], problems: ['agents.available is not a list of names'] }
  const keys = [...new Set(list.slice(0, 100).map(key => (typeof key === 'string' ? key : '')))]
  const idOf = (key: string) => (Object.hasOwn(hostKeys, key) ? (hostKeys[key] ?? null) : null)
  const unknown = keys.filter(key => idOf(key) === null).map(key => oneLine(key, 40) || 'an entry that is no text')
  return {
    ids: keys.flatMap(key => idOf(key) ?? []),
    problems:
      unknown.length === 0 ? [] : [`sko has no agent for ${unknown.slice(0, 10).join(', ')} in agents.available`],
  }
}
