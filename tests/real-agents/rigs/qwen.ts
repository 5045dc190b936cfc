import { agentId } from '../../../src/agents/agent-id.ts'
import type { Rig } from '../rig.ts'

export const rig: Rig = {
  agent: agentId('qwen'),
  dialect: 'openai-chat',
  prepare: async (home, baseUrl) => ({
    env: { HOME: home, OPENAI_BASE_URL: `${baseUrl}/v1`, OPENAI_API_KEY: 'test-key', OPENAI_MODEL: 'mock-model' },
  }),
  shell: command => ({ name: 'run_shell_command', input: { command, description: 'run', is_background: false } }),
  write: (absolutePath, content) => ({ name: 'write_file', input: { file_path: absolutePath, content } }),
}
