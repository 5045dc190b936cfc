import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gitOrThrow } from '../git/git.ts'

/** The `.gitignore` of `spec-kitty init` 3.2.7. Of our files it ignores only the logs. */
const ignored = `# Added by Spec Kitty CLI (auto-managed)
.claude/
.codex/
.vibe/
.pi/
.letta/
.opencode/
.windsurf/
.gemini/
.cursor/rules/spec-kitty.mdc
.cursor/commands/
.cursor/skills/
.qwen/
.kilocode/
.augment/
.amazonq/
.kiro/
.agent/
.github/copilot/
.agents/skills/
.kittify/.dashboard
.kittify/charter/context-state.json
.kittify/derived/
.kittify/dossiers/
.kittify/encoding-provenance/
.kittify/events/
.kittify/lint-report.json
.kittify/logs/
.kittify/merge-state.json
.kittify/migrations/
.kittify/missions/__pycache__/
.kittify/runtime/
.kittify/skills-manifest.json
.kittify/sync-state.json
.kittify/workspaces/
.worktrees/
kitty-ops/ops-index.jsonl
`

/**
 * The host's merge drivers by the files they merge, as `spec-kitty init` sets them up. Without them, the host cannot
 * merge the planning commit into a lane in coord topology.
 */
const mergeDrivers = [
  ['event-log', 'status.events.jsonl'],
  ['event-log', 'decisions.events.jsonl'],
  ['meta', 'meta.json'],
  ['traces', 'traces/*.md'],
  ['acceptance-matrix', 'acceptance-matrix.json'],
  ['issue-matrix', 'issue-matrix.json'],
  ['review-cycle', 'tasks/*/review-cycle-*.md'],
] as const

const hostConfig = `mission_type_activations:
- software-dev
agents:
  available: []
  auto_commit: true
vcs:
  type: git
`

export interface NewRepository {
  /** Exists already, and is empty. */
  readonly dir: string
  /** Checked out; the host refuses to plan on `main`. */
  readonly branch: string
  readonly readme: string
}

/** Makes a git repository with one commit, set up for the host like `spec-kitty init`, which takes 4 s longer. */
export async function makeRepository({ dir, branch, readme }: NewRepository): Promise<void> {
  await gitOrThrow(dir, ['init', '--quiet', '--initial-branch=main'])
  const settings = [
    ['user.name', 'sko demo'],
    ['user.email', 'sko@localhost'],
    ['commit.gpgsign', 'false'],
    ['core.hooksPath', '/dev/null'],
    ['gc.auto', '0'],
    ...new Map(mergeDrivers.map(([kind]) => [`merge.spec-kitty-${kind}.name`, `spec-kitty ${kind}`])),
    ...new Map(
      mergeDrivers.map(([kind]) => [`merge.spec-kitty-${kind}.driver`, `spec-kitty merge-driver-${kind} %O %A %B`]),
    ),
  ] as const
  for (const [name, value] of settings) await gitOrThrow(dir, ['config', name, value])

  await mkdir(join(dir, '.kittify'))
  await writeFile(join(dir, '.kittify', 'config.yaml'), hostConfig)
  await writeFile(join(dir, '.gitignore'), ignored)
  const attributes = mergeDrivers.map(([kind, file]) => `kitty-specs/**/${file} merge=spec-kitty-${kind}\n`)
  await writeFile(join(dir, '.gitattributes'), attributes.join(''))
  await writeFile(join(dir, 'README.md'), readme)
  await commitEverything(dir, 'Initial commit')
  await gitOrThrow(dir, ['checkout', '--quiet', '-b', branch])
}

/** Does nothing if nothing changed. */
export async function commitEverything(dir: string, message: string): Promise<void> {
  await gitOrThrow(dir, ['add', '--all'])
  if ((await gitOrThrow(dir, ['status', '--porcelain'])).trim() === '') return
  await gitOrThrow(dir, ['commit', '--quiet', '--message', message])
}
