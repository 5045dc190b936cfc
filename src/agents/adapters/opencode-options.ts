import type { AgentUse } from '../../run/attempts/agent.ts'
import { option, optionValue } from '../argv.ts'
import type { Facts } from '../define-agent.ts'

/** What the command lines of OpenCode and its fork Kilo have in common. */
const reviewerAgent = 'sko-reviewer'

/**
 * Configuration with an agent of our own that can only look, where it works and in `folders`. What it may comes after all
 * that the user's configuration allows, and the last rule that fits decides; a permission variable is merged into the
 * user's rules and overruled by them. Nothing is left to ask: with nobody to answer the run would end.
 */
export function reviewerConfig(folders: readonly string[], instructions: readonly string[]): string {
  const outside = Object.fromEntries(folders.map(folder => [`${folder}/*`, 'allow']))
  const looking = { read: 'allow', grep: 'allow', glob: 'allow', list: 'allow' }
  /** Kilo asks for what is outside despite the first rule. */
  const permission = { '*': 'deny', ...looking, external_directory: { '*': 'deny', ...outside } }
  return JSON.stringify({ instructions, agent: { [reviewerAgent]: { mode: 'primary', permission } } })
}

/** A title of our own saves a question to the model; without plugins of the user's a run depends on less. */
export function optionsOf({ role, settings }: AgentUse): readonly string[] {
  const common = ['run', '--format', 'json', '--pure', '--title', role, ...option('-m', settings.model)]
  return [...common, ...(role === 'review' ? ['--agent', reviewerAgent] : ['--auto'])]
}

/** Whatever is not denied is approved with `--auto`, and rejected without it. */
export function factsOf(args: readonly string[]): Facts {
  const auto = args.findLast(arg => /^--(?:no-)?auto(?:=|$)/.test(arg))
  const canOnlyLook = optionValue(args, ['--agent']) === reviewerAgent
  return {
    approvalMode: auto === '--auto' || auto === '--auto=true' ? 'auto' : 'reject',
    networkMode: canOnlyLook ? 'no-network-tools' : 'unrestricted',
    toolRestrictions: canOnlyLook ? 'read, grep, glob, list' : null,
  }
}
