import type { AgentRequest } from '../../run/attempts/agent.ts'
import { option } from '../argv.ts'
import { defineAgent, type Invocation } from '../define-agent.ts'
import { readStepEvents } from '../reading/step-events.ts'
import { factsOf, isProviderModel, optionsOf, reviewerConfig } from './opencode-options.ts'

/** Kilo, a fork of OpenCode, measured with 7.7.9: docs/agents.md. */
export const kilocode = defineAgent({
  id: 'kilocode',
  binaries: ['kilo', 'kilocode'],
  testedVersion: '7.7.9',
  signIn: {
    env: ['KILO_API_KEY', 'ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY'],
    files: ['~/.local/share/kilo/auth.json'],
  },
  reviewerIsReadOnly: true,
  resumes: true,
  takesModel: isProviderModel,
  /**
   * Measured over 15 minutes with a silent server: 2 % in most spans of 4 s, up to 8.5 %, once 15 %. While an answer
   * arrives: 30 %.
   */
  idleShare: 0.1,
  sessionIn: ({ sessionID }) => sessionID,
  options: use => [...optionsOf(use), ...use.settings.args],
  facts: factsOf,
  invocation,
  read: readStepEvents,
})

function invocation(request: AgentRequest): Invocation {
  const isReview = request.role === 'review'
  const session = isReview ? [] : option('-s', request.resumeSession)
  return {
    args: [...optionsOf(request), ...session, ...request.settings.args],
    env: {
      KILO_DISABLE_AUTOUPDATE: '1',
      KILO_DISABLE_CODEBASE_INDEXING: '1',
      KILO_DISABLE_PRESENCE: '1',
      KILO_DISABLE_SESSION_INGEST: '1',
      KILO_NO_DAEMON: '1',
      /** Its default of five retries takes 70 s. */
      KILO_SESSION_RETRY_LIMIT: '2',
    },
    /** With this, unlike OpenCode, it runs nothing from the worktree. */
    guardEnv: isReview ? { KILO_CONFIG_CONTENT: reviewerConfig([], []), KILO_DISABLE_PROJECT_CONFIG: '1' } : {},
  }
}
