import { describe, expect, it } from 'vitest'
import { agentFailureClasses } from '../../src/core/agent/failure.ts'
import { loadFromText, refusalOf } from './load-from-text.ts'

const file = 'orchestrator.yaml'
const policy = 'the host refuses it in the policy, and the policy has to be true'

/** YAML -> the lines of the refusal, in full. */
const rows: readonly (readonly [yaml: string, ...lines: readonly string[]])[] = [
  // wrong types
  ['agents:\n  max_retries: three', `${file}:2: agents.max_retries: expected a whole number, found "three"`],
  ['max_concurrent_wps: 1.5', `${file}:1: max_concurrent_wps: expected a whole number, found 1.5`],
  ['max_concurrent_wps: "4"', `${file}:1: max_concurrent_wps: expected a whole number, found "4"`],
  ['max_concurrent_wps: .nan', `${file}:1: max_concurrent_wps: expected a whole number, found NaN`],
  ['# c\n\nmax_concurrent_wps:', `${file}:3: max_concurrent_wps: expected a whole number, found nothing`],
  ['actor: 5', `${file}:1: actor: expected text, found 5; put it in quotes`],
  ['actor: true', `${file}:1: actor: expected text, found true; put it in quotes`],
  ['actor: [a]', `${file}:1: actor: expected text, found a list`],
  ['agents: all', `${file}:1: agents: expected a mapping, found "all"`],
  ['review: []', `${file}:1: review: expected a mapping, found a list`],
  ['finish: {accept: yes please}', `${file}:1: finish.accept: expected true or false, found "yes please"`],
  ['agents:\n  implementation: codex', `${file}:2: agents.implementation: expected a list, found "codex"`],
  ['agents:\n  review:\n    - codex\n    - 3', `${file}:4: agents.review[1]: expected text, found 3; put it in quotes`],
  ['agents: {settings: [codex]}', `${file}:1: agents.settings: expected a mapping, found a list`],
  ['agents:\n  settings:\n    codex: fast', `${file}:3: agents.settings.codex: expected a mapping, found "fast"`],
  [
    'agents:\n  settings:\n    codex:\n      env:\n        PORT: 80',
    `${file}:5: agents.settings.codex.env.PORT: expected text, found 80; put it in quotes`,
  ],
  // ranges and choices
  ['max_concurrent_wps: 0', `${file}:1: max_concurrent_wps: expected at least 1, found 0`],
  ['max_concurrent_wps: 65', `${file}:1: max_concurrent_wps: expected at most 64, found 65`],
  ['agents: {timeout_seconds: 604801}', `${file}:1: agents.timeout_seconds: expected at most 604800, found 604801`],
  ['agents: {max_retries: -1}', `${file}:1: agents.max_retries: expected at least 0, found -1`],
  ['agents: {implementation: []}', `${file}:1: agents.implementation: expected at least 1 in the list, found 0`],
  [
    'agents: {fallback_strategy: next}',
    `${file}:1: agents.fallback_strategy: expected one of next_in_list, same_agent, fail; found "next"`,
  ],
  [
    'finish: {merge: fast}',
    `${file}:1: finish.merge: expected merge, squash, rebase, true (as the host is set) or null, found "fast"`,
  ],
  ['limits:\n  on_usage_limit: 3', `${file}:2: limits.on_usage_limit: expected one of wait, switch, stop; found 3`],
  [
    'agents: {settings: {codex: {roles: [coding]}}}',
    `${file}:1: agents.settings.codex.roles[0]: expected one of implementation, review; found "coding"`,
  ],
  [
    'agents: {settings: {codex: {roles: [review, review]}}}',
    `${file}:1: agents.settings.codex.roles: a role is listed twice`,
  ],
  [
    'agents: {review: [codex, codex]}',
    `${file}:1: agents.review: an agent is listed twice; its place in the list is its preference`,
  ],
  // text that would become a flag, a control code or no argument at all
  ...['"-x"', '""', '" a"', '"a\\e[2J"', `"${'a'.repeat(101)}"`].map(
    actor => [`actor: ${actor}`, new RegExp(`^${file}:1: actor: expected 1 to 100 characters`).source] as const,
  ),
  ['host: {command: --help}', `${file}:1: host.command: expected a program: a name on PATH or a path, found "--help"`],
  [
    'agents: {settings: {codex: {args: ["a\\0b"]}}}',
    `${file}:1: agents.settings.codex.args[0]: a NUL character cannot be passed to a program`,
  ],
  [
    'agents: {settings: {codex: {env: {A=B: c}}}}',
    `${file}:1: agents.settings.codex.env["A=B"]: expected the name of an environment variable, found "A=B"`,
  ],
  [
    'agents: {custom: {a: {command: [-x]}}}',
    `${file}:1: agents.custom.a.command: expected a program first, found a list`,
  ],
  [
    'agents: {custom: {a: {command: []}}}',
    `${file}:1: agents.custom.a.command: expected at least 1 in the list, found 0`,
  ],
  ['agents:\n  custom:\n    a: {review: true}', `${file}:3: agents.custom.a.command: missing; expected a list`],
  [
    'agents:\n  custom:\n    a:\n      prompt: file\n      command: ["{prompt_file}", -p]',
    `${file}:5: agents.custom.a.command: has no argument with {prompt_file}; with prompt: file the agent would never see its prompt`,
  ],
  // custom agents: what would do nothing, contradicts itself or is no path
  ...['$.usage', 'a[0]', '.a', 'a..b', 'a b', '', 'a\\e[2J', 'a\\0', `a${'.a'.repeat(100)}`].map(
    path =>
      [
        `agents: {custom: {a: {command: [a], final_message: "${path}"}}}`,
        new RegExp(`^${file}:1: agents.custom.a.final_message: expected (?:names and list indexes|at most 200)`).source,
      ] as const,
  ),
  [
    'agents:\n  custom:\n    a:\n      command: [a]\n      usage: {input_tokens: 3}',
    `${file}:5: agents.custom.a.usage.input_tokens: expected text, found 3; put it in quotes`,
  ],
  [
    'agents: {custom: {a: {command: [a], usage: {input_token: x}}}}',
    `${file}:1: agents.custom.a.usage.input_token: unknown key; did you mean "input_tokens"?`,
  ],
  [
    'agents: {custom: {a: {command: [a], failure: {exit_codes: {7: ratelimit}}}}}',
    `${file}:1: agents.custom.a.failure.exit_codes.7: expected one of ${agentFailureClasses.join(', ')}; found "ratelimit"`,
  ],
  ...['256', '-1', '1.5', '"07"', '"1 "', 'one'].map(
    code =>
      [
        `agents: {custom: {a: {command: [a], failure: {exit_codes: {${code}: auth}}}}}`,
        new RegExp(`^${file}:1: agents.custom.a.failure.exit_codes.*: expected an exit code, 0 to 255, found "`).source,
      ] as const,
  ),
  [
    'agents: {custom: {a: {command: [a], success: {exit_codes: [0, 256]}}}}',
    `${file}:1: agents.custom.a.success.exit_codes[1]: expected at most 255, found 256`,
  ],
  [
    'agents: {custom: {a: {command: [a], success: {exit_codes: []}}}}',
    `${file}:1: agents.custom.a.success.exit_codes: expected at least 1 in the list, found 0`,
  ],
  [
    `agents: {custom: {a: {command: [a], success: {exit_codes: [${Array(300).fill(0)}]}}}}`,
    `${file}:1: agents.custom.a.success.exit_codes: expected at most 256 in the list, found 300`,
  ],
  [
    'agents: {custom: {a: {command: [a], success: {exit_codes: [0, 7]}, failure: {exit_codes: {7: auth}}}}}',
    `${file}:1: agents.custom.a.failure.exit_codes.7: is also one of success.exit_codes`,
  ],
  [
    'agents: {custom: {a: {command: [a], success: {equals: ok}}}}',
    `${file}:1: agents.custom.a.success.equals: does nothing without a path`,
  ],
  ...['[ok]', '{a: b}', '', '.inf'].map(
    value =>
      [
        `agents: {custom: {a: {command: [a], success: {path: a, equals: ${value}}}}}`,
        new RegExp(`^${file}:1: agents.custom.a.success.equals: expected text, a number, true or false, found `).source,
      ] as const,
  ),
  [
    'agents: {custom: {a: {command: [a], failure: {classes: {x: auth}}}}}',
    `${file}:1: agents.custom.a.failure.classes: does nothing without a path`,
  ],
  [
    'agents: {custom: {a: {command: [a], failure: {path: x}}}}',
    `${file}:1: agents.custom.a.failure.path: does nothing without classes`,
  ],
  [
    'agents: {custom: {a: {command: [a], failure: {path: x, classes: {x: sad}}}}}',
    `${file}:1: agents.custom.a.failure.classes.x: expected one of ${agentFailureClasses.join(', ')}; found "sad"`,
  ],
  [
    'agents: {custom: {a: {command: [a], failure: {classes: {__proto__: auth}}}}}',
    `${file}:1:57: unknown key __proto__`,
  ],
  [
    'agents:\n  custom:\n    a:\n      command: [a]\n      review_command: [a, -r]\n      review_is_read_only: true',
    `${file}:5: agents.custom.a.review_command: does nothing while review is false`,
    `${file}:6: agents.custom.a.review_is_read_only: does nothing while review is false`,
  ],
  [
    'agents: {custom: {a: {command: [a], review: true, review_command: [b]}}}',
    `${file}:1: agents.custom.a.review_command: starts a different program than command; make it an agent of its own`,
  ],
  [
    'agents: {custom: {a: {command: [a, "{prompt_file}"], prompt: file, review: true, review_command: [a]}}}',
    `${file}:1: agents.custom.a.review_command: has no argument with {prompt_file}; with prompt: file the agent would never see its prompt`,
  ],
  [
    'agents: {custom: {a: {command: [a], version_args: []}}}',
    `${file}:1: agents.custom.a.version_args: expected at least 1 in the list, found 0`,
  ],
  ...['review_command: [a, --yolo]', 'version_args: [-v, --yolo]'].map(
    key =>
      [
        `agents: {custom: {a: {command: [a], review: true, ${key}}}}`,
        `${file}:1: agents.custom.a.${key.split(':')[0]}[1]: --yolo is refused: ${policy}`,
      ] as const,
  ),
  [
    `agents: {custom: {a: {command: [a, ${Array(200).fill('b')}]}}}`,
    `${file}:1: agents.custom.a.command: expected at most 200 in the list, found 201`,
  ],
  [
    'agents: {custom: {a: {command: [a, "b\\0"]}}}',
    `${file}:1: agents.custom.a.command[1]: a NUL character cannot be passed to a program`,
  ],
  // settings of a role that the agent never takes
  [
    'agents:\n  settings:\n    codex:\n      roles: [implementation]\n      review: {env: {A: b}}',
    `${file}:5: agents.settings.codex.review: does nothing: the roles of this agent do not include review`,
  ],
  [
    'agents:\n  custom: {a: {command: [a]}}\n  settings: {a: {review: {args: [-v]}}}',
    `${file}:3: agents.settings.a.review: does nothing: review is false in agents.custom`,
  ],
  // unknown keys
  ['agents:\n  max_retrys: 2', `${file}:2: agents.max_retrys: unknown key; did you mean "max_retries"?`],
  ['max_concurrent: 2', `${file}:1: max_concurrent: unknown key; did you mean "max_concurrent_wps"?`],
  [
    'agents:\n  settings:\n    codex: {modle: x}',
    `${file}:3: agents.settings.codex.modle: unknown key; did you mean "model"?`,
  ],
  [
    'agents: {custom: {a: {command: [a], promt: file}}}',
    `${file}:1: agents.custom.a.promt: unknown key; did you mean "prompt"?`,
  ],
  [
    'host: {colour: red}',
    `${file}:1: host.colour: unknown key; valid here: command, warm, timeout_seconds, patience_seconds`,
  ],
  [
    '"\\e[31mred": 1',
    `${file}:1: ["\\u001b[31mred"]: unknown key; valid here: max_concurrent_wps, actor, agents, review, limits, budget, checks, finish, record, host, kept, on_hangup, notify`,
  ],
  ['agents:\n  __proto__: {}', `${file}:2:3: unknown key __proto__`],
  // checks, budget, notification
  ['checks: [""]', `${file}:1: checks[0]: expected a command, found ""`],
  ['checks: ["  "]', `${file}:1: checks[0]: expected a command, found "  "`],
  [
    'checks: npm test',
    `${file}:1: checks: expected a list of commands, or a mapping with run, protect and also_base, found "npm test"`,
  ],
  ['checks: {run: npm test}', `${file}:1: checks.run: expected a list, found "npm test"`],
  ['checks: {run: [""]}', `${file}:1: checks.run[0]: expected a command, found ""`],
  ['checks:\n  protet: [a]', `${file}:2: checks.protet: unknown key; did you mean "protect"?`],
  ['checks:\n  commands: [a]', `${file}:2: checks.commands: unknown key; valid here: run, protect, also_base`],
  ['checks: {also_base: 1}', `${file}:1: checks.also_base: expected true or false, found 1`],
  [
    'checks: {run: [a], also_base: true}',
    `${file}:1: checks.also_base: does nothing without checks.protect; name the files there`,
  ],
  [
    'checks: {run: [a], protect: [], also_base: true}',
    `${file}:1: checks.also_base: does nothing without checks.protect; name the files there`,
  ],
  [
    'checks: {protect: [a], also_base: true}',
    `${file}:1: checks.also_base: does nothing without checks.run; name the commands there`,
  ],
  ...['', ' a', '/a', '!a', '../a', 'a/../b', '"a\\nb"'].map(pattern => {
    const shown = pattern.startsWith('"') ? pattern : JSON.stringify(pattern)
    const expected = `${file}:1: checks.protect[0]: expected a path or a glob in the repository, found ${shown}`
    return [`checks: {protect: [${shown}]}`, expected] as const
  }),
  ['budget: {usd: -1}', `^${file}:1: budget.usd: `],
  ['budget: {tokens: 1.5}', `^${file}:1: budget.tokens: expected a whole number`],
  ['budget: {wall_clock_seconds: 0}', `^${file}:1: budget.wall_clock_seconds: `],
  ['budget: {work_package: {usd: much}}', `${file}:1: budget.work_package.usd: expected a number, found "much"`],
  ['budget: {running: kill}', `^${file}:1: budget.running: `],
  ['review: {owned_files: hide}', `^${file}:1: review.owned_files: `],
  ['notify: {command: ""}', `${file}:1: notify.command: expected a command, found ""`],
  [
    'agents: {single_agent_mode: true}',
    `${file}:1: agents.single_agent_mode: expected false or a mapping with agent and delay_seconds, found true`,
  ],
  ['budget: {usd: much}', `${file}:1: budget.usd: expected a number, found "much"`],
  // flags that the host forbids
  ...['--full-auto', '--yolo', '--dangerously-bypass-approvals-and-sandbox', '--dangerously-skip-permissions'].map(
    flag =>
      [
        `agents: {settings: {codex: {args: [-v, ${flag}]}}}`,
        `${file}:1: agents.settings.codex.args[1]: ${flag} is refused: ${policy}`,
      ] as const,
  ),
  [
    'agents:\n  custom:\n    a:\n      command:\n        - a\n        - --yolo=1',
    `${file}:6: agents.custom.a.command[1]: --yolo is refused: ${policy}`,
  ],
  [
    'agents: {custom: {a: {command: [sh, -c, "codex exec --full-auto"]}}}',
    `${file}:1: agents.custom.a.command[2]: --full-auto is refused: ${policy}`,
  ],
  // agents
  [
    'agents:\n  implementation: [claud-code]',
    `${file}:2: agents.implementation[0]: unknown agent "claud-code"; did you mean claude-code? known: claude-code, codex`,
  ],
  [
    'agents:\n  review: [codex, xyz]\n  custom: {abc: {command: [a]}}',
    `${file}:2: agents.review[1]: unknown agent "xyz"; known: claude-code, codex, abc`,
  ],
  [
    'agents: {review: ["\\e[2J"], custom: {"\\e[1m": {command: [a]}}}',
    `${file}:1: agents.review[0]: expected an agent id: lower-case letters, digits and hyphens, 40 at most, a letter first, found "\\u001b[2J"`,
    `${file}:1: agents.custom["\\u001b[1m"]: expected an agent id: lower-case letters, digits and hyphens, 40 at most, a letter first, found "\\u001b[1m"`,
  ],
  [
    'agents: {settings: {opencode: {}}}',
    `${file}:1: agents.settings.opencode: unknown agent "opencode"; known: claude-code, codex`,
  ],
  [
    'agents: {custom: {"My Agent": {command: [a]}}}',
    `${file}:1: agents.custom["My Agent"]: expected an agent id: lower-case letters, digits and hyphens, 40 at most, a letter first, found "My Agent"`,
  ],
  [
    'agents:\n  review: [codex, mine]\n  custom:\n    mine: {command: [mine]}',
    `${file}:2: agents.review[1]: "mine" cannot review: agents.custom.mine.review is false`,
  ],
  [
    'agents: {custom: {codex: {command: [a]}}}',
    `${file}:1: agents.custom.codex: the id of a built-in agent; choose another`,
  ],
  [
    'agents: {implementation: [codex], review: [codex]}\nreview: {reviewer: require_other}',
    `${file}:2: review.reviewer: require_other needs a second agent, and agents.implementation and agents.review name only "codex": nothing could be reviewed`,
  ],
  // single-agent mode
  [
    'agents:\n  single_agent_mode: {agent: codx}',
    `${file}:2: agents.single_agent_mode.agent: unknown agent "codx"; did you mean codex? known: claude-code, codex`,
  ],
  [
    'agents:\n  single_agent_mode: {agent: mine}\n  custom: {mine: {command: [mine]}}',
    `${file}:2: agents.single_agent_mode.agent: "mine" cannot do everything: agents.custom.mine.review is false`,
  ],
  [
    'agents:\n  single_agent_mode: {agent: codex}\n  settings: {codex: {enabled: false}}',
    `${file}:2: agents.single_agent_mode.agent: "codex" cannot do everything: agents.settings.codex.enabled is false`,
  ],
  [
    'agents:\n  single_agent_mode: {agent: codex}\n  settings: {codex: {roles: [implementation]}}',
    `${file}:2: agents.single_agent_mode.agent: "codex" cannot do everything: agents.settings.codex.roles has no review`,
  ],
  [
    'agents: {implementation: [codex], review: [codex], single_agent_mode: {agent: codex}}\nreview: {reviewer: require_other}',
    `${file}:2: review.reviewer: require_other needs a second agent, and agents.single_agent_mode is set: nothing could be reviewed`,
  ],
  [
    'agents: {single_agent_mode: {agent: codex, delay_seconds: -1}}',
    `${file}:1: agents.single_agent_mode.delay_seconds: expected at least 0, found -1`,
  ],
  ['agents: {single_agent_mode: {agent: codex, after: 1}}', `^${file}:1: agents.single_agent_mode`],
  ['agents: {single_agent_mode: {agent: "My Agent"}}', `^${file}:1: agents.single_agent_mode`],
  [
    'finish: {push: true}',
    `${file}:1: finish.push: does nothing without finish.merge; choose merge, squash or rebase there`,
  ],
  // YAML
  ['a: [1\nb: 2', `${file}:2:1: Flow sequence in block collection must be sufficiently indented and end with a ]`],
  ['actor: a\nactor: b', `${file}:2:1: Map keys must be unique`],
  ['\tactor: a', `${file}:1:1: Tabs are not allowed as indentation`],
  ['actor: !secret a', `${file}:1:8: Unresolved tag: !secret`],
  ['actor: *nobody', `${file}: Unresolved alias (the anchor must be set before the alias): nobody`],
  ['[]', `${file}:1: expected a mapping of keys to values, found a list`],
  ['# only text\n\nhello', `${file}:3: expected a mapping of keys to values, found "hello"`],
  ['checks: &a [*a]', `${file}:1: checks[0]: expected text, found a list`],
]

describe('a bad configuration', () => {
  it('is shown in at least 40 rows', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40)
  })

  it.each(rows)('%j', async (yaml, ...expected) => {
    const lines = await refusalOf(loadFromText(yaml))
    expect(lines).toHaveLength(expected.length)
    for (const [index, text] of expected.entries()) {
      if (text.startsWith('^')) expect(lines[index]).toMatch(new RegExp(text))
      else expect(lines[index]).toBe(text)
    }
  })

  it('is reported in full at once, also where values depend on each other', async () => {
    const yaml =
      'max_concurrent_wps: many\nagents:\n  implementation: [codx]\n  retries: 1\nfinish:\n  push: true\nchecks: [1]'
    const lines = await refusalOf(loadFromText(yaml))
    expect(lines).toHaveLength(5)
    expect([...lines].map(line => line.split(' ')[0]).sort()).toEqual([1, 3, 4, 6, 7].map(n => `${file}:${n}:`))
  })

  it('is cut after twenty problems', async () => {
    const yaml = Array.from({ length: 30 }, (_, index) => `key${index}: 1`).join('\n')
    const lines = await refusalOf(loadFromText(yaml))
    expect(lines).toHaveLength(21)
    expect(lines.at(-1)).toBe('and 10 more')
  })

  it('blames no healthy value for a wrong one elsewhere', async () => {
    const yaml = 'agents:\n  review: [mine]\n  custom:\n    mine: {command: [mine], review: maybe}'
    expect(await refusalOf(loadFromText(yaml))).toEqual([
      `${file}:4: agents.custom.mine.review: expected true or false, found "maybe"`,
    ])
  })

  it('finds the line behind an alias', async () => {
    const yaml = 'agents:\n  custom:\n    one: &one\n      command: [one]\n      promt: file\n    two: *one'
    const lines = await refusalOf(loadFromText(yaml))
    expect(lines.map(line => line.split(': ').slice(0, 2))).toEqual([
      [`${file}:5`, 'agents.custom.one.promt'],
      [`${file}:5`, 'agents.custom.two.promt'],
    ])
  })

  it.each([
    ['larger than 1 MB', `# ${'x'.repeat(1_000_001)}`, 'larger than 1 MB'],
    ['not UTF-8', Uint8Array.from([0x61, 0xff, 0xfe]), 'not valid UTF-8'],
    ['nested very deeply', '['.repeat(50_000), 'nested too deeply|call stack'],
    ['a bomb of aliases', aliasBomb(), 'Excessive alias count'],
  ])('%s is refused', async (_, text, expected) => {
    expect((await refusalOf(loadFromText(text))).join('\n')).toMatch(new RegExp(expected))
  })
})

function aliasBomb(): string {
  const ten = (name: string) => Array(10).fill(`*${name}`).join(',')
  return `a: &a [1]\nb: &b [${ten('a')}]\nc: &c [${ten('b')}]\nd: [${ten('c')}]`
}
