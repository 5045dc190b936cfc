import { whole } from '../whole.ts'
import type { CaseName, Rig } from './rig.ts'

/** Those that most people have. */
const withAllCases = ['claude-code', 'codex']

/** Each of the others implements, reviews, and fails in one way: what a CLI prints then is recorded for the unit ring. */
const ofEach: readonly CaseName[] = ['implementation commits', 'reviewer tries to write']
const failures: Readonly<Record<string, CaseName>> = {
  augment: '429',
  copilot: 'reply cut off',
  gemini: '500',
  letta: '401',
  opencode: '401',
  pi: 'timed out during a tool',
  qwen: '401',
}

/** Whether a change is tested with this case of the agent; `npm run test:agents` runs all. */
export function isInCover({ agent }: Pick<Rig, 'agent'>, name: CaseName): boolean {
  return whole || withAllCases.includes(agent) || ofEach.includes(name) || failures[agent] === name
}
