import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentOutput } from '../../src/agents/agent.ts'
import type { Role } from '../../src/core/work-package.ts'

const root = join(import.meta.dirname, '../../fixtures/agents')

export function transcriptNames(agent: string): readonly string[] {
  return readdirSync(join(root, agent)).sort()
}

/** A run as it was recorded; `last.txt` is what the CLI wrote to its final-message file. */
export function transcript(agent: string, name: string, role: Role, exitCode: number | null): AgentOutput {
  const file = (part: string) => join(root, agent, name, part)
  return {
    role,
    exitCode,
    stdout: readFileSync(file('stdout'), 'utf8'),
    stderr: readFileSync(file('stderr'), 'utf8'),
    finalMessage: existsSync(file('last.txt')) ? readFileSync(file('last.txt'), 'utf8') : null,
  }
}
