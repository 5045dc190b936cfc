import { continueRun, type NextCommand } from '../../core/next-command.ts'
import type { WpResult } from '../mission/wp-result.ts'
import { acceptByHand } from '../requests/person.ts'
import { confirmCommand } from '../requests/vouching.ts'
import type { RunContext } from '../run-context.ts'
import { haltCure, workCures } from '../steps/needs-person.ts'
import { whatBringsFilesBack } from './removed-files.ts'

/** What a person runs for the selected work packages that are not approved or done; for none: for those that `--wp` left out. */
export async function whatIsLeft(run: RunContext, open: readonly WpResult[]): Promise<readonly NextCommand[]> {
  if (open.length === 0) {
    return [{ command: `sko orchestrate --mission ${run.mission}`, why: 'the work packages that --wp left out' }]
  }
  if (open.every(({ node }) => node.lane === 'canceled')) {
    return [{ command: acceptByHand(run.mission), why: "a canceled work package is a person's to accept" }]
  }
  const blocked = open.filter(({ node }) => node.lane === 'blocked')
  const cures = open.flatMap(({ node, record }) => (node.lane === 'blocked' ? [] : haltCure(record)))
  const files = await whatBringsFilesBack(run, open)
  const unvouched = open.filter(wpResult => wpResult.unvouched)
  const confirmations = await Promise.all(unvouched.map(({ node }) => confirmCommand(run, node.wpId)))
  const retries = blocked.flatMap(({ node, record }) => [
    ...workCures(record),
    { command: `sko retry ${node.wpId}`, why: 'puts it back to work with its counters reset' },
  ])
  const isOverBudget = open.some(({ heldBy }) => heldBy === 'budget')
  const goOn = isOverBudget ? { command: run.budget.resumeCommand(), why: 'continues above the budget' } : continueRun
  return [...eachOnce(cures), ...files, ...confirmations, ...retries, goOn]
}

function eachOnce(next: readonly NextCommand[]): readonly NextCommand[] {
  return [...new Map(next.map(entry => [entry.command, entry])).values()]
}
