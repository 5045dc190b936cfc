import { isRecord, type JsonRecord } from '../../core/json.ts'
import type { AgentOutput, Answerer } from '../../run/attempts/agent.ts'
import { jsonRecords, textAt } from './output.ts'

/** What the output of a CLI states about its version and about the models that answered; as stated, not yet checked. */
export interface Statement {
  /** Output tokens per model. May include helper models, sub-agents, and earlier attempts of a resumed session. */
  readonly tokens?: ReadonlyMap<string, number>
  /** The models of the answers in the main conversation, oldest first. */
  readonly answers?: readonly unknown[]
  /** The model that the CLI names before it asks any. */
  readonly announced?: unknown
  readonly version?: unknown
}

/** Where a CLI may state it: the records of stdout, with those of the start of a long one, and its result file. */
export type Stating = (records: readonly JsonRecord[], resultFile: string | null) => Statement

export function answererIn(
  { stdout, head, cut, resultFile }: Pick<AgentOutput, 'stdout' | 'head' | 'cut' | 'resultFile'>,
  stating: Stating,
): Answerer {
  return answererOf(stating([...(cut ? jsonRecords(head) : []), ...jsonRecords(stdout)], resultFile))
}

/**
 * The main model is the one with the most output tokens, out of those that answered in the main conversation if these are
 * known. Without tokens it is the model of the last answer, and without an answer the announced one.
 */
export function answererOf({ tokens = new Map(), answers = [], announced, version }: Statement): Answerer {
  const spoke = answers.map(modelName).filter(name => name !== null)
  const used = [...tokens].flatMap(([stated, count]) => {
    const name = modelName(stated)
    return name === null || count <= 0 ? [] : [{ name, count }]
  })
  const most = (list: typeof used) => list.toSorted((a, b) => b.count - a.count)[0]?.name
  const ofMain = most(used.filter(({ name }) => spoke.includes(name)))
  const model = ofMain ?? most(used) ?? spoke.at(-1) ?? modelName(announced)
  const names = new Set([...used.map(({ name }) => name), ...spoke])
  return {
    model,
    otherModels: [...names].filter(name => name !== model).slice(0, 10),
    cliVersion: versionName(version),
  }
}

/**
 * A name that is safe to store and show. Names of models contain letters and digits, `anthropic/claude-x:free`,
 * `sonnet[1m]`, or spaces (`Some Model (Thinking)`). Claude Code calls the author of its own error messages `<synthetic>`.
 */
function modelName(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Za-z0-9][\w.:/@+~ ()[\]-]{0,99}$/.test(value) ? value.trimEnd() : null
}

function versionName(value: unknown): string | null {
  return typeof value === 'string' ? (/^v?(\d[\w.+-]{0,49})$/.exec(value)?.[1] ?? null) : null
}

/** The first record of a stream in the form that Claude Code introduced. */
export function initRecord(records: readonly JsonRecord[]): JsonRecord | null {
  return records.find(({ type, subtype }) => type === 'system' && subtype === 'init') ?? null
}

/** The models of the answers in that form. Those of sub-agents name the call that started them. */
export function modelsOfAnswers(records: readonly JsonRecord[]): readonly unknown[] {
  return records
    .filter(({ type, parent_tool_use_id }) => type === 'assistant' && !parent_tool_use_id)
    .map(record => textAt(record, 'message', 'model'))
}

/** Output tokens per model, out of an object with one member per model. */
export function tokensOfModels(models: unknown, count: (model: unknown) => number | null): ReadonlyMap<string, number> {
  return new Map(isRecord(models) ? Object.entries(models).map(([name, model]) => [name, count(model) ?? 0]) : [])
}
