import { agentId } from '../../../src/agents/agent-id.ts'
import type { Rig } from '../rig.ts'

export const rig: Rig = {
  agent: agentId('augment'),
  dialect: 'augment',
  prepare: async (home, baseUrl) => ({
    env: {
      HOME: home,
      AUGMENT_SESSION_AUTH: JSON.stringify({
        accessToken: 'test',
        tenantURL: `${baseUrl}/`,
        scopes: ['read', 'write'],
      }),
    },
    /** The wait after a 429 is 10 s whatever the server says, and the limit is looked at between two tries. */
    settings: { args: ['--retry-timeout', '2'] },
  }),
  shell: command => ({
    name: 'launch-process',
    input: { command, wait: true, max_wait_seconds: 600, cwd: '.' },
  }),
  namesSessionLast: true,
  write: (absolutePath, content) => ({ name: 'save-file', input: { path: absolutePath, file_content: content } }),
}
