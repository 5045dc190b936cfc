import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { overridesOf } from '../../src/cli/running/run-flags.ts'
import { keysAt } from '../../src/config/describe-issue.ts'
import { loadConfig, parseStoredConfig } from '../../src/config/load.ts'
import { configSchema } from '../../src/config/schema.ts'
import { OrchestratorError } from '../../src/errors.ts'
import { builtIn, loadFromText, refusalOf } from './load-from-text.ts'

const folders: string[] = []
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sko-config-'))
  folders.push(path)
  return path
}
afterAll(async () => {
  await Promise.all(folders.map(path => rm(path, { recursive: true })))
})

const defaults = configSchema.parse({})

describe('defaults', () => {
  it.each([
    ['no file', null],
    ['an empty file', ''],
    ['a file of comments', '# nothing yet\n'],
    ['null', 'null\n'],
    ['a byte order mark', '\ufeff'],
    ['sections with nothing in them', 'agents:\nreview:\nlimits:\nbudget:\nfinish:\nhost:\nnotify:\n'],
    ['agents with empty parts', 'agents:\n  settings:\n  custom:\n'],
  ])('%s', async (_, text) => {
    expect(await loadFromText(text)).toEqual(defaults)
  })

  it('are those of the design', () => {
    expect(defaults).toEqual({
      max_concurrent_wps: 4,
      actor: 'spec-kitty-orchestrator',
      agents: {
        implementation: ['claude-code', 'codex'],
        review: ['codex', 'claude-code'],
        max_retries: 2,
        timeout_seconds: 3600,
        inactivity_seconds: 900,
        max_log_mb: 2048,
        single_agent_mode: false,
        fallback_strategy: 'next_in_list',
        settings: {},
        custom: {},
      },
      review: { max_cycles: 3, reviewer: 'prefer_other', owned_files: 'show', complete_as: 'approved' },
      limits: { on_usage_limit: 'wait', max_wait_seconds: 21600 },
      budget: {
        usd: null,
        tokens: null,
        wall_clock_seconds: null,
        work_package: { usd: null, tokens: null, wall_clock_seconds: null },
        running: 'finish',
      },
      checks: { run: [], protect: [], also_base: false },
      finish: { accept: true, merge: null, push: false },
      record: { sign: null },
      host: { command: 'spec-kitty', warm: 'auto', timeout_seconds: 120, patience_seconds: 600 },
      kept: { every_seconds: 1, days: 14 },
      on_hangup: 'stop',
      notify: { command: null },
    })
  })

  it('of one agent', async () => {
    const config = await loadFromText('agents:\n  settings: {codex: }\n  custom: {mine: {command: [mine]}}')
    expect(config.agents.settings.codex).toEqual({
      enabled: true,
      roles: ['implementation', 'review'],
      priority: 0,
      max_concurrent: null,
      timeout_seconds: null,
      model: null,
      args: [],
      env: {},
      implementation: { model: null, args: [], env: {} },
      review: { model: null, args: [], env: {} },
    })
    expect(config.agents.custom.mine).toEqual({
      command: ['mine'],
      prompt: 'stdin',
      review: false,
      review_command: null,
      review_is_read_only: false,
      version_args: null,
      success: { exit_codes: [0], path: null, equals: true },
      failure: { path: null, classes: {}, exit_codes: {}, message: null },
      final_message: null,
      session_id: null,
      model: null,
      version: null,
      usage: { input_tokens: null, output_tokens: null, cost_usd: null },
    })
  })
})

describe('which file', () => {
  it('--config is read instead of the default one', async () => {
    const repoRoot = await folder()
    await mkdir(join(repoRoot, '.kittify'))
    await writeFile(join(repoRoot, '.kittify/orchestrator.yaml'), 'actor: default')
    await writeFile(join(repoRoot, 'other.yaml'), 'actor: other')
    const load = (file: string | null) => loadConfig({ file, repoRoot, overrides: [], knownAgents: builtIn })
    expect((await load(null)).actor).toBe('default')
    expect((await load(join(repoRoot, 'other.yaml'))).actor).toBe('other')
  })

  it.each([
    ['missing', 'no-such.yaml', /^--config: there is no file .*no-such\.yaml$/],
    ['a folder', '.', /: expected a file$/],
    ['below a file', 'plain/x.yaml', /: cannot be read \(ENOTDIR\)$/],
  ])('--config that is %s', async (_, name, expected) => {
    const repoRoot = await folder()
    await writeFile(join(repoRoot, 'plain'), '')
    const load = loadConfig({ file: join(repoRoot, name), repoRoot, overrides: [], knownAgents: builtIn })
    expect((await refusalOf(load))[0]).toMatch(expected)
  })
})

describe('the example file', () => {
  it('is the defaults, whole', async () => {
    const file = '.kittify.example/orchestrator.yaml'
    expect(await loadConfig({ file, repoRoot: '.', overrides: [], knownAgents: builtIn })).toEqual(defaults)
    expect(keysIn(uncommented(await readFile(file, 'utf8'))).sort()).toEqual(allKeys().sort())
  })

  it('shows valid settings and custom agents in its comments', async () => {
    const config = await loadFromText(uncommented(await readFile('.kittify.example/orchestrator.yaml', 'utf8')))
    expect(config.agents.settings.codex).toEqual(
      (await loadFromText('agents: {settings: {codex: {}}}')).agents.settings.codex,
    )
    expect(config.agents.custom).toEqual(
      (await loadFromText('agents: {custom: {my-agent: {command: [my-agent, --headless]}}}')).agents.custom,
    )
  })
})

it('docs/configuration.md names every key', async () => {
  const text = await readFile('docs/configuration.md', 'utf8')
  const named = [...text.matchAll(/^\| `([^`]+)` +\|/gm)].map(match => match[1])
  const leaves = allKeys().filter(key => !allKeys().some(other => other.startsWith(`${key}.`)))
  expect(named.sort()).toEqual(leaves.sort())
})

it('a run that stored its configuration reads the same one', async () => {
  const config = await loadFromText(
    `agents:
  custom:
    mine: {command: [mine, "--in={prompt_file}"], prompt: file, review: true, failure: {exit_codes: {7: auth}}}
  settings: {mine: {env: {A: b}, review: {args: [-v]}}}
finish: {merge: squash, push: true}`,
  )
  expect(parseStoredConfig(JSON.parse(JSON.stringify(config)))).toEqual(config)
})

it('checks as a list, as older versions stored them, are the same as checks.run', async () => {
  const { checks: _, ...stored } = defaults
  const expected = { run: ['npm test'], protect: [], also_base: false }
  expect(parseStoredConfig({ ...stored, checks: ['npm test'] }).checks).toEqual(expected)
  expect((await loadFromText('checks: [npm test]')).checks).toEqual(expected)
  expect((await loadFromText('checks: {run: [npm test]}')).checks).toEqual(expected)
  expect((await loadFromText('checks:')).checks).toEqual(defaults.checks)
})

it('settings that are empty for a role may stand beside roles without it', async () => {
  const config = await loadFromText(
    'agents: {settings: {codex: {roles: [implementation], review: {model: , args: []}}}}',
  )
  expect(parseStoredConfig(config, { overrides: [], knownAgents: builtIn })).toEqual(config)
})

it('flags on resume go over the stored configuration', () => {
  const stored = { ...defaults, actor: 'stored' }
  const config = parseStoredConfig(stored, { overrides: overridesOf({ maxConcurrent: 1 }), knownAgents: builtIn })
  expect(config).toEqual({ ...stored, max_concurrent_wps: 1 })
})

it.each([
  [null, "the run's stored configuration: expected a mapping, found nothing"],
  [[], "the run's stored configuration: expected a mapping, found a list"],
  [{ actor: 3 }, "the run's stored configuration: actor: expected text, found 3; put it in quotes"],
])('a broken stored configuration %j', async (value, expected) => {
  expect(await refusalOf(Promise.resolve().then(() => parseStoredConfig(value)))).toEqual([expected])
})

describe('whatever the file holds', () => {
  const word = fc.constantFrom(...allKeys().flatMap(key => key.split('.')), 'codex', 'mine', '__proto__', 'constructor')
  const value = fc.letrec(tie => ({
    node: fc.oneof({ maxDepth: 5 }, tie('leaf'), fc.array(tie('node'), { maxLength: 3 }), tie('mapping')),
    leaf: fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.integer(), fc.boolean(), fc.constant(null), word),
    mapping: fc.dictionary(
      fc.oneof({ weight: 4, arbitrary: word }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }),
      tie('node'),
    ),
  }))
  const yamlLike = fc
    .array(
      fc.constantFrom(
        'a',
        ':',
        ' ',
        '\n',
        '- ',
        '[',
        ']',
        '{',
        '}',
        '&a',
        '*a',
        '!t',
        '"',
        "'",
        '|',
        '>',
        '#',
        '%',
        '\t',
      ),
    )
    .map(parts => parts.join(''))
  const texts = fc.oneof(
    value.mapping.map(mapping => stringify(mapping)),
    yamlLike,
    fc.string({ unit: 'binary' }),
  )

  it('is loaded, or refused on lines that are safe to print', async () => {
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(texts, async text => {
        try {
          const config = await loadFromText(text)
          expect(parseStoredConfig(JSON.parse(JSON.stringify(config)))).toEqual(config)
          outcomes.add('loaded')
        } catch (error) {
          if (!(error instanceof OrchestratorError)) throw error
          expect(error.message.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
          outcomes.add('refused')
        }
      }),
      { numRuns: 400 },
    )
    expect([...outcomes].sort()).toEqual(['loaded', 'refused'])
  }, 60_000)
})

/** Every dotted key of the schema; `<id>` stands for an agent's id. */
function allKeys(path: readonly string[] = []): string[] {
  return keysAt(path).flatMap(key => {
    const here = [...path, key]
    const byId = keysAt([...here, '<id>']).length > 0
    const below = byId ? [...here, '<id>'] : here
    return [here.join('.'), ...allKeys(below)]
  })
}

/** The example with the settings and custom agents of its comments in force. */
function uncommented(text: string): string {
  return text.replace(/^ {2}(settings|custom): \{\}$/gm, '  $1:').replace(/^ {2}# {3}( *[a-z_-]+:.*)$/gm, '    $1')
}

/** Dotted keys of a YAML text by indentation, agents' ids replaced by `<id>`. */
function keysIn(text: string): string[] {
  const keys = new Set<string>()
  const open: string[] = []
  for (const [, indent = '', name = ''] of text.matchAll(/^( *)([a-z_-]+):/gm)) {
    const depth = indent.length / 2
    const underIds = depth === 2 && (open[1] === 'settings' || open[1] === 'custom')
    open.splice(depth, open.length, underIds ? '<id>' : name)
    if (!underIds) keys.add(open.join('.'))
  }
  return [...keys]
}
