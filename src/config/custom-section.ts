import * as z from 'zod'
import {
  agentArguments,
  agentCommand,
  exitCode,
  exitCodeKey,
  failureClass,
  jsonPath,
  mapping,
  section,
} from './values.ts'

const path = jsonPath.nullable().default(null)

const success = section({
  exit_codes: z.array(exitCode).min(1).max(256).default([0]),
  path: path.describe('null: the exit code alone decides'),
  equals: z
    .union([z.string().max(1000), z.number(), z.boolean()], { error: 'expected text, a number, true or false' })
    .default(true)
    .describe('The value at the path if the run succeeded'),
}).refine(({ path, equals }) => path !== null || equals === true, {
  path: ['equals'],
  error: 'does nothing without a path',
})

const failure = section({
  path: path.describe('The path of the reason for a failure'),
  classes: mapping(z.string().min(1).max(200), failureClass).describe('Value at the path -> class'),
  exit_codes: mapping(exitCodeKey, failureClass).describe('Exit code -> class, if the record gives no reason'),
  message: path.describe('The path of the message; the end of a limit is read from it'),
}).superRefine(({ path, classes }, context) => {
  const named = Object.keys(classes).length > 0
  const refuse = (key: string, other: string) =>
    context.addIssue({ code: 'custom', path: [key], message: `does nothing without ${other}` })
  if (path === null && named) refuse('classes', 'a path')
  if (path !== null && !named) refuse('path', 'classes')
})

/** One entry of `agents.custom`. Every path is looked up in the last JSON record of stdout that has it. */
export const customAgent = section({
  command: agentCommand.describe('{prompt_file}, {worktree} and {model} are replaced inside the arguments'),
  prompt: z.enum(['stdin', 'argument', 'file']).default('stdin'),
  review: z.boolean().default(false).describe('Whether it can give a verdict'),
  review_command: agentCommand.nullable().default(null).describe('null: command'),
  review_is_read_only: z.boolean().default(false).describe('As the user states it; not checked beforehand'),
  version_args: agentArguments.min(1).nullable().default(null).describe('Print the version and do nothing else'),
  success,
  failure,
  final_message: path.describe('null: all of stdout'),
  session_id: path,
  model: path.describe('The path of the model that answered'),
  version: path.describe('The path of the version of the CLI'),
  usage: section({ input_tokens: path, output_tokens: path, cost_usd: path }),
}).superRefine((agent, context) => {
  const refuse = (at: readonly string[], message: string) =>
    context.addIssue({ code: 'custom', path: [...at], message })
  for (const key of ['command', 'review_command'] as const) {
    if (agent.prompt !== 'file' || agent[key] === null) continue
    if (agent[key].slice(1).some(arg => arg.includes('{prompt_file}'))) continue
    refuse([key], 'has no argument with {prompt_file}; with prompt: file the agent would never see its prompt')
  }
  if (agent.review_command && agent.review_command[0] !== agent.command[0]) {
    refuse(['review_command'], 'starts a different program than command; make it an agent of its own')
  }
  if (!agent.review && agent.review_command) refuse(['review_command'], 'does nothing while review is false')
  if (!agent.review && agent.review_is_read_only) refuse(['review_is_read_only'], 'does nothing while review is false')
  for (const code of agent.success.exit_codes) {
    if (Object.hasOwn(agent.failure.exit_codes, code)) {
      refuse(['failure', 'exit_codes', String(code)], 'is also one of success.exit_codes')
    }
  }
})

export type CustomAgentDefinition = z.infer<typeof customAgent>
