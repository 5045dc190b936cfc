import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { overridesOf } from '../../src/cli/running/run-flags.ts'
import { loadConfig } from '../../src/config/load.ts'
import { builtIn } from './load-from-text.ts'

const asksFor = 'finish: {merge: true}'
const expected = 'expected one of merge, squash, rebase'

it.each<readonly [string, string | null, object, string | null, string | null]>([
  // Our file, the host's, the flags; the strategy, and what is reported.
  [asksFor, 'merge: {strategy: squash}', {}, 'squash', null],
  [asksFor, 'merge: {strategy: rebase}', {}, 'rebase', null],
  [asksFor, 'merge: {strategy: null}', {}, 'merge', null],
  [asksFor, 'vcs: {type: git}', {}, 'merge', null],
  [asksFor, '', {}, 'merge', null],
  [asksFor, null, {}, 'merge', null],
  [asksFor, 'merge: {strategy: fast}', {}, 'merge', `merge.strategy: ${expected}; found "fast"`],
  [asksFor, 'merge: {strategy: [squash]}', {}, 'merge', `merge.strategy: ${expected}; found a list`],
  [asksFor, 'merge: squash', {}, 'merge', null],
  [asksFor, 'merge: {strategy: "squash', {}, 'merge', 'line 1:'],
  ['finish: {merge: squash}', 'merge: {strategy: fast}', {}, 'squash', null],
  ['', 'merge: {strategy: squash}', {}, null, null],
  ['', 'merge: {strategy: squash}', { merge: true }, 'squash', null],
  ['finish: {push: true}', 'merge: {strategy: squash}', { merge: true }, 'squash', null],
  ['finish: {merge: rebase}', 'merge: {strategy: squash}', { merge: true }, 'squash', null],
  [asksFor, 'merge: {strategy: squash}', { merge: 'rebase' }, 'rebase', null],
])('%j beside %j with the flags %j merges by %s and reports %s', async (ours, hosts, flags, strategy, reported) => {
  const repoRoot = await mkdtemp(join(tmpdir(), 'sko-config-'))
  onTestFinished(() => rm(repoRoot, { recursive: true }))
  await mkdir(join(repoRoot, '.kittify'))
  await writeFile(join(repoRoot, '.kittify', 'orchestrator.yaml'), ours)
  if (hosts !== null) await writeFile(join(repoRoot, '.kittify', 'config.yaml'), hosts)
  const problems: string[] = []
  const config = await loadConfig({
    file: null,
    repoRoot,
    overrides: overridesOf(flags),
    knownAgents: builtIn,
    onProblem: reason => problems.push(reason),
  })
  expect(config.finish.merge).toBe(strategy)
  expect(problems).toEqual(reported === null ? [] : [expect.stringContaining(reported)])
})
