import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentId } from '../../../src/agents/agent-id.ts'
import type { Rig } from '../rig.ts'

/** A provider of the user's own. */
const models = (baseUrl: string) => ({
  providers: {
    mock: {
      baseUrl: `${baseUrl}/v1`,
      api: 'openai-completions',
      apiKey: 'sk-test',
      models: [{ id: 'mock-model', name: 'Mock', contextWindow: 128_000, maxTokens: 4096 }],
    },
  },
})

export const rig: Rig = {
  agent: agentId('pi'),
  dialect: 'openai-chat',
  prepare: async (home, baseUrl) => {
    const folder = join(home, '.pi', 'agent')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'models.json'), JSON.stringify(models(baseUrl)))
    /** Its own waits between two tries are 2, 4 and 8 s. */
    await writeFile(join(folder, 'settings.json'), JSON.stringify({ retry: { baseDelayMs: 10 } }))
    return { env: { HOME: home, PI_OFFLINE: '1', PI_TELEMETRY: '0' }, settings: { model: 'mock/mock-model' } }
  },
  shell: command => ({ name: 'bash', input: { command } }),
  write: (absolutePath, content) => ({ name: 'write', input: { path: absolutePath, content } }),
}
