import { agentId } from '../../../src/agents/agent-id.ts'
import type { Rig } from '../rig.ts'

export const rig: Rig = {
  agent: agentId('claude-code'),
  dialect: 'anthropic',
  prepare: async (home, baseUrl) => ({
    env: {
      HOME: home,
      ANTHROPIC_BASE_URL: baseUrl,
      ANTHROPIC_API_KEY: 'sk-test',
      DISABLE_TELEMETRY: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    /** Its own waits between two tries grow with each. */
    settings: { env: { CLAUDE_CODE_MAX_RETRIES: '1' } },
  }),
  shell: command => ({ name: 'Bash', input: { command, description: 'run' } }),
  write: (absolutePath, content) => ({ name: 'Write', input: { file_path: absolutePath, content } }),
}
