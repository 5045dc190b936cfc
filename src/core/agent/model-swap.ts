import { oneLine } from '../text.ts'
import type { Attempt } from '../work-package/work-package.ts'

/**
 * True when the model that answered is certainly another one than was asked for. CLIs state full names
 * (`claude-sonnet-4-5-20250929`) where people configure aliases (`sonnet`), a provider (`openrouter/…`) or another spelling,
 * so the names are compared by their words and version numbers.
 */
export function isSwap(asked: string, answered: string): boolean {
  if (isOpen(asked) || isOpen(answered)) return false
  const [want, got] = [partsOf(asked), partsOf(answered)]
  if (isDisjoint(want.makers, got.makers)) return true
  const isExact = want.numbers.length > 0
  // Only a maker, such as `openai/gpt`: any of its models.
  if (!isExact && want.words.length === 0) return false
  const sameWords =
    want.words.every(word => got.words.includes(word)) && got.words.every(word => want.words.includes(word))
  return !sameWords || (isExact && want.numbers.join() !== got.numbers.join())
}

/** Names with which the service or the CLI chooses, and names that say nothing about the model. */
function isOpen(name: string): boolean {
  return /^(?:auto(?:-.*)?|default|best|inherit|opusplan)$/i.test(lastSegment(name)) || /^arn:/i.test(name)
}

interface NameParts {
  /** `claude`, `gpt` … A name may leave them out: `sonnet`. */
  readonly makers: readonly string[]
  /** What distinguishes the models of one maker: `sonnet`, `mini`, `codex`. */
  readonly words: readonly string[]
  /** In ascending order, because spellings differ: `claude-3-5-sonnet`, `sonnet-3.5`. */
  readonly numbers: readonly string[]
}

function partsOf(name: string): NameParts {
  const words = lastSegment(name.toLowerCase())
    .replace(/[([].*/, '')
    .replace(/-v\d:\d+$|:(?:free|nitro|floor|online|exacto|extended|thinking|latest)$/, '')
    .replace(/20\d\d-\d\d-\d\d|(?<=preview|exp)-\d\d-\d\d/, '')
    .split(/[^a-z0-9:]+/)
    .filter(word => word !== '' && !meansNothing(word))
  return {
    makers: words.filter(word => makers.has(word)),
    words: words.filter(word => !makers.has(word) && !/^\d+$/.test(word)),
    numbers: words.filter(word => /^\d+$/.test(word)).toSorted(),
  }
}

/** Without the providers before it: `openrouter/anthropic/`, `us.anthropic.`, `models/`. */
function lastSegment(name: string): string {
  return name
    .slice(name.lastIndexOf('/') + 1)
    .replace(/^(?:(?:us|eu|apac|global|jp|au|us-gov)\.)?[a-z0-9]*[a-z]\.(?=[a-z])/i, '')
}

const makers: ReadonlySet<string> = new Set([
  'claude',
  'gpt',
  'gemini',
  'grok',
  'qwen',
  'glm',
  'kimi',
  'deepseek',
  'mistral',
])

/** Dates, builds, a missing minor version, and how hard the model thinks. */
function meansNothing(word: string): boolean {
  return (
    /^(?:\d{4,}|0\d*)$/.test(word) ||
    /^(?:latest|preview|exp|thinking|reasoning|none|minimal|low|medium|high|xhigh)$/.test(word)
  )
}

function isDisjoint(some: readonly string[], others: readonly string[]): boolean {
  return some.length > 0 && others.length > 0 && !some.some(word => others.includes(word))
}

/** Why the model that answered an attempt is worth a word. */
export interface ModelSwap {
  /** null: no model was asked for, and `before` answered the earlier attempts of this agent. */
  readonly asked: string | null
  readonly before: string | null
  readonly answered: string
}

type Answered = Pick<Attempt, 'agent' | 'configuredModel' | 'model'>

/** null: it is the model that was asked for, nothing is stated, or an earlier attempt of the run has shown the same. */
export function modelSwap(attempt: Answered, earlier: readonly Answered[]): ModelSwap | null {
  const { agent, configuredModel, model } = attempt
  if (model === undefined) return null
  const alike = earlier.filter(other => other.agent === agent && other.configuredModel === configuredModel)
  if (configuredModel !== undefined) {
    const isKnown = alike.some(other => other.model === model)
    return isKnown || !isSwap(configuredModel, model) ? null : { asked: configuredModel, before: null, answered: model }
  }
  const before = alike.flatMap(other => other.model ?? [])
  const last = before.at(-1)
  if (last === undefined || before.some(other => !isSwap(other, model))) return null
  return { asked: null, before: last, answered: model }
}

/** `claude-code 2.1.329 (claude-sonnet-4-5 instead of opus)`; only what is known. */
export function answererWords(agent: string, use: KnownUse): string {
  const { configuredModel, model, cliVersion } = use
  const instead =
    configuredModel && model && isSwap(configuredModel, model) ? ` instead of ${oneLine(configuredModel, 100)}` : ''
  return `${agent}${cliVersion ? ` ${cliVersion}` : ''}${model ? ` (${model}${instead})` : ''}`
}

/** null, like absent: not known. */
type KnownUse = { readonly [name in 'configuredModel' | 'model' | 'cliVersion']?: string | null }
