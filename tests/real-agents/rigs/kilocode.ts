import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentId } from '../../../src/agents/agent-id.ts'
import type { Rig } from '../rig.ts'

/** A provider of the user's own; the package it names is part of the program. */
const config = (baseUrl: string) => ({
  enabled_providers: ['mock'],
  model: 'mock/mock-model',
  small_model: 'mock/mock-model',
  provider: {
    mock: {
      npm: '@ai-sdk/openai-compatible',
      options: { baseURL: `${baseUrl}/v1`, apiKey: 'sk-test' },
      models: { 'mock-model': { tool_call: true, limit: { context: 128_000, output: 4096 } } },
    },
  },
})

const tooDear = 'a run costs 10 s of processor time; the same family of programs is shown by opencode'

export const rig: Rig = {
  agent: agentId('kilocode'),
  dialect: 'openai-chat',
  prepare: async (home, baseUrl) => {
    const folder = join(home, '.config/kilo')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'kilo.json'), JSON.stringify(config(baseUrl)))
    return {
      env: { HOME: home, KILO_DISABLE_MODELS_FETCH: '1', KILO_DISABLE_LSP_DOWNLOAD: '1', KILO_TELEMETRY_LEVEL: 'off' },
    }
  },
  shell: command => ({ name: 'bash', input: { command, description: 'Runs it' } }),
  write: (filePath, content) => ({ name: 'write', input: { filePath, content } }),
  onlyOn: 'linux-x64',
  notApplicable: {
    'implementation leaves work uncommitted': tooDear,
    'implementation resumes': tooDear,
    'review rejected': tooDear,
    '401': tooDear,
    '500': tooDear,
    'reply cut off': tooDear,
    'timed out during a tool': tooDear,
  },
}
