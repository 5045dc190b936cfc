import { z } from 'zod'
import { isWpId, type WpId } from '../core/ids.ts'
import type { CombinedResult, MergeOf, RunStart } from '../core/mission/finish-progress.ts'
import { checkResult } from './check-result.ts'

const wpId = z.custom<WpId>(value => typeof value === 'string' && isWpId(value), 'expected a work package id')
const works = z.record(z.string(), z.string())

const combinedResult: z.ZodType<CombinedResult> = z.strictObject({
  tree: z.string(),
  results: z.array(checkResult),
})

const mergeOf: z.ZodType<MergeOf> = z.strictObject({
  works,
  targetBranch: z.string().nullable(),
  before: z.string().nullable(),
  lanes: z.array(z.strictObject({ branch: z.string(), head: z.string(), wpIds: z.array(wpId) })),
  after: z.string().nullable(),
  strategy: z.enum(['merge', 'squash', 'rebase']).exactOptional(),
  verified: z.boolean(),
  checked: combinedResult.exactOptional(),
})

export const runStart: z.ZodType<RunStart> = z.strictObject({
  commits: z.array(z.string()),
  given: z.record(z.string(), z.string().nullable()),
})

export const finishProgress = z.strictObject({
  mergeStarted: z.boolean(),
  merged: z.boolean(),
  // Missing in older files.
  acceptStarted: z.boolean().default(false),
  accepted: z.boolean(),
  mergeOf: mergeOf.nullable().default(null),
  acceptedOf: works.nullable().default(null),
  combined: z.array(combinedResult).default([]),
})
