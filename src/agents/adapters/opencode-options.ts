import type { AgentUse } from '../../run/attempts/agent.ts'
import { option, optionValue } from '../argv.ts'
import type { Facts } from '../define-agent.ts'

/** The shared command-line options of OpenCode and its fork Kilo. */
const reviewerAgent = 'sko-reviewer'

/**
 * Configuration with our own agent that can only read, in its working folder and in `folders`. Its permissions come
 * after the user's, and the last matching rule decides. (A permission variable is merged into the user's rules, which
 * override it.) No rule asks, because there is no person to answer, and the run would end.
 */
export function reviewerConfig(folders: readonly string[], instructions: readonly string[]): string {
  const outside = Object.fromEntries(folders.map(folder => [`${folder}/*`, 'allow']))
  const looking = { read: 'allow', grep: 'allow', glob: 'allow', list: 'allow' }
  /** Kilo asks about outside folders despite the first rule. */
  const permission = { '*': 'deny', ...looking, external_directory: { '*': 'deny', ...outside } }
  return JSON.stringify({ instructions, agent: { [reviewerAgent]: { mode: 'primary', permission } } })
}

/** With our own title it does not ask the model for one; without the user's plugins a run depends on less. */
export function optionsOf({ role, settings }: AgentUse): readonly string[] {
  const common = ['run', '--format', 'json', '--pure', '--title', role, ...option('-m', settings.model)]
  return [...common, ...(role === 'review' ? ['--agent', reviewerAgent] : ['--auto'])]
}

/** With `--auto`, everything that is not denied is approved; without it, rejected. */
export function factsOf(args: readonly string[]): Facts {
  const auto = args.findLast(arg => /^--(?:no-)?auto(?:=|$)/.test(arg))
  const canOnlyLook = optionValue(args, ['--agent']) === reviewerAgent
  return {
    approvalMode: auto === '--auto' || auto === '--auto=true' ? 'auto' : 'reject',
    networkMode: canOnlyLook ? 'no-network-tools' : 'unrestricted',
    toolRestrictions: canOnlyLook ? 'read, grep, glob, list' : null,
  }
}

/** They know a model only together with its provider: `anthropic/claude-sonnet-4-5`. */
export function isProviderModel(model: string): boolean {
  return /^[\w.-]+\/./.test(model)
}
