import * as z from 'zod'
import { forbiddenFlagIn } from '../core/agent/forbidden-flags.ts'
import { type Role, roles } from '../core/work-package/work-package.ts'
import type { Problem } from './describe-issue.ts'

const args = z.array(z.string()).nullish()
const ofRole = { model: z.string().nullish(), args }

/** What determines the arguments of a custom agent. If its values are themselves invalid, no further checks run. */
const parts = z.object({
  custom: z.object({ command: z.array(z.string()), review_command: args, review: z.boolean().default(false) }),
  settings: z
    .object({
      ...ofRole,
      roles: z.array(z.string()).nullish(),
      implementation: z.object(ofRole).nullish(),
      review: z.object(ofRole).nullish(),
    })
    .nullish(),
})

type Parts = z.infer<typeof parts>

/** Reports a `{model}` without a configured model, and a model without a `{model}`: both would be silently ignored. */
export function modelProblems(id: string, given: { readonly custom: unknown; readonly settings: unknown }) {
  const parsed = parts.safeParse(given)
  if (!parsed.success) return []
  const { custom, settings } = parsed.data
  const problems: Problem[] = []
  const taken: readonly Role[] = custom.review ? roles : ['implementation']
  const lines = taken
    .filter(role => settings?.roles?.includes(role) ?? true)
    .map(role => ({ role, key: keyOf(role, custom), args: argumentsOf(role, parsed.data) }))
  for (const { role, key, args } of lines) {
    const own = settings?.[role]?.model ?? null
    const model = own ?? settings?.model ?? null
    const takesModel = args.some(arg => arg.includes('{model}'))
    const modelPath = ['agents', 'settings', id, ...(own === null ? [] : [role]), 'model']
    if (takesModel && model === null) {
      const path = ['agents', 'custom', id, key]
      problems.push({ path, text: `has {model} for the ${role}, and agents.settings.${id} configures no model for it` })
    }
    if (!takesModel && own !== null) problems.push({ path: modelPath, text: nowhere })
    const flag = forbiddenFlagIn(args.map(arg => arg.replaceAll('{model}', model ?? '')))
    if (flag !== null && forbiddenFlagIn(args) === null) {
      problems.push({ path: modelPath, text: `makes the arguments contain ${flag}, which the host refuses` })
    }
  }
  if (settings?.model && !lines.some(({ args }) => args.some(arg => arg.includes('{model}')))) {
    problems.push({ path: ['agents', 'settings', id, 'model'], text: nowhere })
  }
  return problems
}

const nowhere = 'does nothing: no argument of the custom agent has {model}'

function keyOf(role: Role, custom: Parts['custom']): 'command' | 'review_command' {
  return role === 'review' && custom.review_command ? 'review_command' : 'command'
}

function argumentsOf(role: Role, { custom, settings }: Parts): readonly string[] {
  const [, ...template] = custom[keyOf(role, custom)] ?? []
  return [...template, ...(settings?.args ?? []), ...(settings?.[role]?.args ?? [])]
}
