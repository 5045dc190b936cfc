import { join } from 'node:path'
import { agentId } from '../../../src/agents/agent-id.ts'
import type { Rig } from '../rig.ts'

/** It unpacks 235 MB of itself where it finds no copy: once for all cases. */
const unpacked = join(import.meta.dirname, '../../../.cache/agents/copilot')

export const rig: Rig = {
  agent: agentId('copilot'),
  dialect: 'openai-chat',
  prepare: async (home, baseUrl) => ({
    env: {
      HOME: home,
      COPILOT_CACHE_HOME: unpacked,
      COPILOT_PROVIDER_BASE_URL: `${baseUrl}/v1`,
      COPILOT_PROVIDER_API_KEY: 'sk-test',
      COPILOT_MODEL: 'mock-model',
      COPILOT_OFFLINE: 'true',
    },
  }),
  /** Without the time it leaves a command running in the background after 30 s and asks the model again. */
  shell: command => ({ name: 'bash', input: { command, description: 'run', mode: 'sync', initial_wait: 600 } }),
  write: (absolutePath, content) => ({ name: 'create', input: { path: absolutePath, file_text: content } }),
}
