import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentId } from '../../../src/agents/agent-id.ts'
import type { Rig } from '../rig.ts'

/** Another base URL makes it ask a gateway, unless set how to sign in. Its own ten tries take 200 s to report a 429. */
const settings = {
  security: { auth: { selectedType: 'gemini-api-key' } },
  general: { maxAttempts: 1, retryFetchErrors: false },
}

export const rig: Rig = {
  agent: agentId('gemini'),
  dialect: 'gemini',
  prepare: async (home, baseUrl) => {
    await mkdir(join(home, '.gemini'))
    await writeFile(join(home, '.gemini', 'settings.json'), JSON.stringify(settings))
    return {
      env: { HOME: home, GOOGLE_GEMINI_BASE_URL: baseUrl, GEMINI_API_KEY: 'test-key' },
      /** Without a model it asks another one first which to take. */
      settings: { model: 'gemini-2.5-pro' },
    }
  },
  shell: command => ({ name: 'run_shell_command', input: { command, description: 'run' } }),
  write: (absolutePath, content) => ({ name: 'write_file', input: { file_path: absolutePath, content } }),
  notApplicable: {
    'implementation resumes': 'it sends the tool results of a resumed session twice (gemini-cli#29365)',
  },
}
