import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentId } from '../../../src/agents/agent-id.ts'
import type { Rig } from '../rig.ts'

/** What `letta connect openai-compatible --base-url … --api-key …` writes. */
const providers = (baseUrl: string) => ({
  version: 1,
  providers: {
    'openai-compatible': {
      id: 'local-provider-openai-compatible',
      name: 'openai-compatible',
      provider_type: 'openai-compatible',
      provider_category: 'byok',
      auth: { type: 'api', key: 'sk-test' },
      base_url: `${baseUrl}/v1`,
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
    },
  },
})

export const rig: Rig = {
  agent: agentId('letta'),
  dialect: 'openai-chat',
  prepare: async (home, baseUrl) => {
    const folder = join(home, '.letta', 'lc-local-backend', 'providers')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'auth.json'), JSON.stringify(providers(baseUrl)))
    return {
      /** The variable says what `letta backend local` would have stored. */
      env: { HOME: home, LETTA_LOCAL_BACKEND_EXPERIMENTAL: '1', LETTA_CODE_TELEM: '0', DISABLE_AUTOUPDATER: '1' },
      settings: { model: 'openai-compatible/mock-model' },
    }
  },
  shell: command => ({ name: 'Bash', input: { command, description: 'run' } }),
  write: (absolutePath, content) => ({ name: 'Write', input: { file_path: absolutePath, content } }),
  notApplicable: { 'implementation resumes': 'its session ends with the process' },
}
