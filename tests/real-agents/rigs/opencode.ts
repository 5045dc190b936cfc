import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentId } from '../../../src/agents/agent-id.ts'
import type { Rig } from '../rig.ts'

/** A provider of the user's own; the package it names is part of the program. */
const config = (baseUrl: string) => ({
  enabled_providers: ['mock'],
  model: 'mock/mock-model',
  small_model: 'mock/mock-model',
  share: 'disabled',
  provider: {
    mock: {
      npm: '@ai-sdk/openai-compatible',
      options: { baseURL: `${baseUrl}/v1`, apiKey: 'sk-test' },
      models: { 'mock-model': { tool_call: true, limit: { context: 128_000, output: 4096 } } },
    },
  },
})

export const rig: Rig = {
  agent: agentId('opencode'),
  dialect: 'openai-chat',
  prepare: async (home, baseUrl) => {
    const folder = join(home, '.config/opencode')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'opencode.json'), JSON.stringify(config(baseUrl)))
    return { env: { HOME: home, OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' } }
  },
  shell: command => ({ name: 'bash', input: { command, description: 'Runs it' } }),
  write: (filePath, content) => ({ name: 'write', input: { filePath, content } }),
}
