import * as z from 'zod'
import { agentsSection } from './agents-section.ts'
import { checksSection } from './checks-section.ts'
import { seconds, section, shellCommand, signingKey, wholeNumber, word } from './values.ts'

const ceilings = {
  usd: z.number('expected a number').positive('expected more than 0').nullable().default(null),
  tokens: z.int().min(1).nullable().default(null),
  wall_clock_seconds: z.int().min(1).nullable().default(null),
}

/**
 * `.kittify/orchestrator.yaml`. Every default lives here and in agents-section.ts; the keys keep their names in code.
 * The run state stores the parsed value as JSON.
 */
export const configSchema = section({
  max_concurrent_wps: wholeNumber(1, 64).default(4),
  actor: word.default('spec-kitty-orchestrator').describe('The name under which the host records all our calls'),
  agents: agentsSection,
  review: section({
    max_cycles: wholeNumber(1, 20).default(3).describe('Rejections of one WP before a person is needed'),
    reviewer: z.enum(['require_other', 'prefer_other', 'any']).default('prefer_other'),
    owned_files: z
      .enum(['show', 'refuse'])
      .default('show')
      .describe('A change outside the files a WP owns is shown to its reviewer, or sent back like a failing check'),
    complete_as: z
      .enum(['done', 'approved'])
      .default('approved')
      .describe('The lane of an approved WP. The host means merged by done, and its merge moves approved WPs there'),
  }),
  limits: section({
    on_usage_limit: z.enum(['wait', 'switch', 'stop']).default('wait'),
    max_wait_seconds: seconds.default(21_600),
  }),
  budget: section({
    ...ceilings,
    work_package: section(ceilings).describe('Of each work package'),
    running: z
      .enum(['finish', 'stop'])
      .default('finish')
      .describe('What happens to running agents when a ceiling is reached'),
  }),
  checks: checksSection,
  finish: section({
    accept: z.boolean().default(true),
    merge: z
      .literal([null, 'merge', 'squash', 'rebase'], {
        // `true` was replaced by a strategy before.
        error: 'expected merge, squash, rebase, true (as the host is set) or null',
      })
      .default(null),
    push: z.boolean().default(false),
  }),
  record: section({
    sign: signingKey
      .nullable()
      .default(null)
      .describe('The key that signs review records: an Ed25519 key in PEM, an SSH key as ssh:<path>, or keyless in CI'),
  }),
  host: section({
    command: z
      .string()
      .max(1000)
      .refine(isProgram, 'expected a program: a name on PATH or a path')
      .default('spec-kitty'),
    warm: z
      .enum(['auto', 'off'])
      .default('auto')
      .describe('Import the host once and fork it for each call, where that is possible'),
    timeout_seconds: seconds.default(120).describe('One call; calls that may take long get more'),
    patience_seconds: wholeNumber(0, 86_400)
      .default(600)
      .describe('How long a refused host call is retried before a person is needed, if there is nothing else to do'),
  }),
  kept: section({
    every_seconds: seconds.default(1).describe('Minimum pause between two looks at what an agent has written'),
    days: wholeNumber(1, 3650).default(14).describe('How long content that an agent removed is kept'),
  }),
  on_hangup: z
    .enum(['stop', 'leave', 'ignore'])
    .default('stop')
    .describe('When the terminal is closed: end the agents, leave them running for `sko resume` to adopt, or continue'),
  notify: section({
    command: shellCommand
      .nullable()
      .default(null)
      .describe('Run when a person is needed, at a limit, at a budget and at the end, the event as JSON on stdin'),
  }),
})

export type Config = z.infer<typeof configSchema>

function isProgram(text: string): boolean {
  return /^[^\s-]/.test(text) && !/\p{Cc}/u.test(text)
}
