import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentId } from '../../../src/agents/agent-id.ts'
import type { Rig, ToolCall } from '../rig.ts'

/** A provider of the user's own; a model name that it does not know gets its plainest tools, `exec_command` among them. */
const config = (baseUrl: string) => `model = "mock-model"
model_provider = "mock"

[model_providers.mock]
name = "mock"
base_url = "${baseUrl}/v1"
env_key = "CODEX_API_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
`

/** It has no other tool that writes. Without the time it leaves a command running after 10 s and asks the model again. */
const shell = (cmd: string): ToolCall => ({ name: 'exec_command', input: { cmd, yield_time_ms: 120_000 } })

export const rig: Rig = {
  agent: agentId('codex'),
  dialect: 'openai-responses',
  prepare: async (home, baseUrl) => {
    await writeFile(join(home, 'config.toml'), config(baseUrl))
    return { env: { HOME: home, CODEX_HOME: home, CODEX_API_KEY: 'sk-test' } }
  },
  shell,
  write: (absolutePath, content) => shell(`cat > '${absolutePath}' <<'END_OF_FILE'\n${content}\nEND_OF_FILE`),
  notApplicable: { 'implementation commits': 'its sandbox makes .git read-only, so sko commits its work' },
}
