import type { AgentRequest } from '../../run/attempts/agent.ts'
import { option } from '../argv.ts'
import { defineAgent, type Invocation } from '../define-agent.ts'
import { readStepEvents } from '../reading/step-events.ts'
import { reviewFolder } from '../review-folder.ts'
import { factsOf, isProviderModel, optionsOf, reviewerConfig } from './opencode-options.ts'

/** OpenCode, measured with 1.18.33: docs/agents.md. */
export const opencode = defineAgent({
  id: 'opencode',
  binaries: ['opencode'],
  testedVersion: '1.18.33',
  signIn: {
    env: ['OPENCODE_API_KEY', 'ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY'],
    files: ['~/.local/share/opencode/auth.json'],
  },
  reviewerIsReadOnly: true,
  resumes: true,
  takesModel: isProviderModel,
  /**
   * Measured over 18 minutes with a silent server: 1.5 % in most spans of 4 s, up to 4.2 %, once 15 %. While an answer
   * arrives: 30 %.
   */
  idleShare: 0.06,
  sessionIn: ({ sessionID }) => sessionID,
  options: use => [...optionsOf(use), ...use.settings.args],
  facts: factsOf,
  invocation: request => (request.role === 'review' ? review(request) : implementation(request)),
  read: readStepEvents,
})

const env = { OPENCODE_DISABLE_AUTOUPDATE: '1' }

function implementation(request: AgentRequest): Invocation {
  return { args: [...optionsOf(request), ...option('-s', request.resumeSession), ...request.settings.args], env }
}

/**
 * It runs code from `.opencode/plugin/` of its working folder, even with `--pure` and OPENCODE_DISABLE_PROJECT_CONFIG.
 * So a reviewer works in an empty folder of ours and reads the worktree from there.
 */
function review(request: AgentRequest): Invocation {
  const { settings, worktree } = request
  const { path, files } = reviewFolder(request)
  const instructions = files.map(file => file.path)
  return {
    args: [...optionsOf(request), '--dir', path, ...settings.args],
    env,
    guardEnv: {
      OPENCODE_CONFIG_CONTENT: reviewerConfig([worktree], instructions),
      OPENCODE_DISABLE_PROJECT_CONFIG: '1',
    },
    files,
  }
}
