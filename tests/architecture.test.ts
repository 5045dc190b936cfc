import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const src = join(dirname(fileURLToPath(import.meta.url)), '..', 'src')

interface SourceFile {
  /** Below src, with slashes. */
  readonly path: string
  readonly lines: number
  /** Without comments. */
  readonly code: string
  readonly imports: readonly Import[]
}

interface Import {
  /** Only types: nothing of it is left at run time. */
  readonly typesOnly: boolean
  /** Below src for a file of ours, else as written. */
  readonly target: string
}

const files: readonly SourceFile[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => read(join(src, name)))

function read(file: string): SourceFile {
  const text = readFileSync(file, 'utf8')
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const statements = code.matchAll(/^(?:import|export)\s+(type\s)?([^'"]*?)\s*from\s+'([^']+)'|^import\s+'([^']+)'/gm)
  const imports = [...statements].map(([, type, names = '', from, bare]) => {
    const specifier = from ?? bare ?? ''
    return { typesOnly: type !== undefined || allAreTypes(names), target: targetOf(specifier, file) }
  })
  const dynamic = [...code.matchAll(/\bimport\(\s*'([^']+)'/g)].map(([, specifier = '']) => {
    return { typesOnly: false, target: targetOf(specifier, file) }
  })
  return {
    path: relative(src, file),
    lines: text.trimEnd().split('\n').length,
    code,
    imports: [...imports, ...dynamic],
  }
}

function targetOf(specifier: string, file: string): string {
  return specifier.startsWith('.') ? relative(src, resolve(dirname(file), specifier)) : specifier
}

function allAreTypes(names: string): boolean {
  const listed =
    /^\{([\s\S]*)\}$/
      .exec(names)?.[1]
      ?.split(',')
      .map(name => name.trim())
      .filter(Boolean) ?? []
  return listed.length > 0 && listed.every(name => name.startsWith('type '))
}

const hasName = (node: ts.Node) =>
  ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)

/** From the first line of its head to the last of its body, with what is declared in it. */
function functionsOver(most: number, file: string, text = readFileSync(file, 'utf8')): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) {
      const [first, last] = [lineAt(node.getStart(source)), lineAt(node.end)]
      const named = node.name ?? (hasName(node.parent) ? node.parent.name : undefined)
      const name = named?.getText(source) ?? 'a function'
      if (last - first >= most) found.push(`${relative(src, file)}:${first} ${name} has ${last - first + 1} lines`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The names of `async function*` and of the methods of a port that return an outcome. */
function namesOfWork(): ReadonlySet<string> {
  const generators = files.flatMap(({ code }) => [...code.matchAll(/\basync function\* (\w+)/g)])
  const methods = files
    .filter(({ path }) => folderOf(path) === 'run')
    .flatMap(({ code }) => [...code.matchAll(/^ {2}(\w+)\((?:[^()]|\(\w+: \w+\) => \w+)*\): Promise<\s*GitOutcome</gm)])
  return new Set([...generators, ...methods].flatMap(([, name]) => name ?? []))
}

/** Calls whose result is not used: work that is not done, or a failure of git that is not seen. */
function forgottenWork(names: ReadonlySet<string>, file: string, text = readFileSync(file, 'utf8')): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node)) {
      const { expression } = node
      const isAwaited = ts.isAwaitExpression(expression) || ts.isVoidExpression(expression)
      const call = isAwaited ? expression.expression : expression
      const called = ts.isCallExpression(call) ? call.expression : undefined
      const name = called && ts.isPropertyAccessExpression(called) ? called.name : called
      if (name && names.has(name.getText(source))) found.push(`${relative(src, file)}: ${node.getText(source)}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const folderOf = (path: string) => path.split('/')[0] ?? ''
const where = (pattern: RegExp) =>
  files
    .filter(({ code }) => pattern.test(code))
    .map(({ path }) => path)
    .toSorted()

function breaches(allowed: (file: SourceFile, imported: Import) => boolean): readonly string[] {
  return files.flatMap(file =>
    file.imports.filter(imported => !allowed(file, imported)).map(({ target }) => `${file.path} imports ${target}`),
  )
}

/** Each imports, types included, only from what stands before it, and from itself. */
const layers = [
  ['core'],
  ['errors.ts', 'package-folder.ts'],
  ['version.ts'],
  ['run'],
  ['clock.ts'],
  ['files'],
  ['process'],
  ['state', 'git', 'host', 'agents', 'config', 'report', 'local'],
  ['record'],
  ['agent-trial', 'demo', 'self-test'],
  ['cli'],
  ['index.ts'],
]

/** Between two adapters, each with its reason. */
const exceptions = [
  // An agent of the user's is defined by its section of the configuration.
  ['agents/registry.ts', 'config/custom-section.ts'],
  ['agents/custom/custom.ts', 'config/custom-section.ts'],
  ['agents/custom/custom-report.ts', 'config/custom-section.ts'],
].map(pair => pair.join(' imports '))

const layerOf = (path: string) => layers.findIndex(folders => folders.includes(folderOf(path)))

/** Files of ours that import each other, directly or by way of others. */
function circles(): readonly string[] {
  const imports = new Map(files.map(({ path, imports }) => [path, imports.map(({ target }) => target)]))
  const reaches = (from: string): ReadonlySet<string> => {
    const reached = new Set<string>()
    const open = [...(imports.get(from) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (reached.has(next)) continue
      reached.add(next)
      open.push(...(imports.get(next) ?? []))
    }
    return reached
  }
  return files.map(({ path }) => path).filter(path => reaches(path).has(path))
}

describe('the architecture', () => {
  it('is read from all of src, imports over several lines included', () => {
    expect(files.length).toBeGreaterThan(80)
    const client = files.find(({ path }) => path === 'host/client.ts')
    expect(client?.imports).toContainEqual({ typesOnly: false, target: 'run/host/host-client.ts' })
    expect(client?.imports).toContainEqual({ typesOnly: true, target: 'run/host/input.ts' })
  })

  it('gives each file of src a layer', () => {
    expect(files.filter(({ path }) => layerOf(path) < 0).map(({ path }) => path)).toEqual([])
  })

  it('has layers that point one way, types included', () => {
    const isOurs = (target: string) => target.endsWith('.ts')
    const found = breaches(
      ({ path }, { target }) =>
        !isOurs(target) || folderOf(target) === folderOf(path) || layerOf(target) < layerOf(path),
    )
    expect(found.toSorted()).toEqual(exceptions.toSorted())
  })

  it('has no circle of imports', () => {
    expect(circles()).toEqual([])
  })

  it('core/ imports no package and nothing of Node', () => {
    expect(breaches(({ path }, { target }) => folderOf(path) !== 'core' || folderOf(target) === 'core')).toEqual([])
  })

  it('run/ reaches the world through its ports: no child process of its own, no disk, no git', () => {
    const forbidden = ['execa', 'node:child_process', 'node:fs', 'node:fs/promises']
    expect(breaches((file, { target }) => folderOf(file.path) !== 'run' || !forbidden.includes(target))).toEqual([])
  })

  it('a failure of git leaves git/ as a value: nothing else knows the class that is thrown there', () => {
    expect(where(/\bGitError\b/).filter(path => folderOf(path) !== 'git')).toEqual([])
  })

  it('forgets no work with git, and no outcome of it', () => {
    const names = namesOfWork()
    expect([...names]).toEqual(expect.arrayContaining(['putBackUnwatched', 'commitAll', 'restore', 'mergeDifference']))
    const isCaller = ({ path, imports }: SourceFile) =>
      folderOf(path) === 'run' || imports.some(({ target }) => target.startsWith('run/git/'))
    const callers = files.filter(file => folderOf(file.path) !== 'git' && isCaller(file))
    expect(callers.flatMap(({ path }) => forgottenWork(names, join(src, path)))).toEqual([])
  })

  it.each(['keepIt(wp)', 'await keepIt(wp)', 'void keepIt(wp)', 'await ports.workspace.restore(path)'])(
    'would find %s',
    text => {
      expect(forgottenWork(new Set(['keepIt', 'restore']), join(src, 'a.ts'), text)).toEqual([`a.ts: ${text}`])
      const used = 'yield* keepIt(wp)\nconst kept = await ports.workspace.restore(path)\nkeepOther(wp)'
      expect(forgottenWork(new Set(['keepIt', 'restore']), join(src, 'a.ts'), used)).toEqual([])
    },
  )

  it('has no folder with more than 16 files', () => {
    const folders = [...new Set(files.map(({ path }) => dirname(path)))]
    const sizes = folders.map(folder => ({ folder, size: files.filter(({ path }) => dirname(path) === folder).length }))
    expect(sizes.filter(({ size }) => size > 16)).toEqual([])
  })

  it.each([
    ['reads the arguments', /\bprocess\.argv\b/, ['demo/mission.ts', 'demo/set-up-host.ts']],
    [
      'reads the environment',
      /\bprocess\.env\b/,
      [
        'cli/commands/demo.ts',
        'cli/running/create-run.ts',
        'cli/shared/open-project.ts',
        'cli/terminal/output.ts',
        'cli/verify/sign.ts',
        'demo/demo.ts',
        'demo/seed.ts',
        'git/git.ts',
        'host/client.ts',
        'process/table/ignored-signals.ts',
        'process/table/keep-awake.ts',
        'process/table/process-table.ts',
        'self-test/environment.ts',
      ],
    ],
    ['uses the console', /\bconsole\./, ['demo/mission.ts']],
    [
      'writes to the standard streams',
      /\bprocess\.std(?:out|err)\b/,
      [
        'cli/commands/logs.ts',
        'cli/terminal/broken-pipe.ts',
        'cli/terminal/output.ts',
        'cli/terminal/steady-output.ts',
        'demo/scripted-agent.ts',
        'demo/set-up-host.ts',
      ],
    ],
    ['ends the process', /\bprocess\.exit\(/, ['cli/running/shutdown.ts']],
    ['exports everything of another file', /^export \* /m, ['index.ts']],
    ['passes on what another file exports', /^export (?:type )?\{[^}]*\} from/m, ['index.ts']],
  ])('only these %s', (_, pattern, expected) => {
    expect(where(pattern)).toEqual(expected)
  })
})

describe('the style', () => {
  it('has no file over 250 lines', () => {
    expect(files.filter(({ lines }) => lines > 250).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
  })

  it('has no function over 60 lines', () => {
    expect(files.flatMap(({ path }) => functionsOver(60, join(src, path)))).toEqual([])
  })

  it('would find one over 60 lines, whatever kind of function it is', () => {
    const body = '\n  call()'.repeat(60)
    const kinds = [
      `function f() {${body}\n}`,
      `const f = () => {${body}\n}`,
      `const o = { f() {${body}\n} }`,
      `class C { f = async () => {${body}\n} }`,
    ]
    const found = kinds.map(text => functionsOver(60, join(src, 'a.ts'), text))
    expect(found).toEqual(kinds.map(() => ['a.ts:1 f has 62 lines']))
    expect(functionsOver(62, join(src, 'a.ts'), kinds[0])).toEqual([])
  })

  it.each([
    ['any', /[:<|,(]\s*any\b(?!\w)(?=\s*[,;)\]>|=[\]])/],
    ['as any', /\bas\s+any\b/],
    ['as unknown', /\bas\s+unknown\b/],
    ['a default export', /^export default\b/m],
    ['a non-null assertion', /[\w)\]]!(?:[.;,)\]]|\s*$)/m],
  ])('has no %s', (_, pattern) => {
    expect(where(pattern)).toEqual([])
  })

  it('silences neither the compiler nor the linter', () => {
    const silencers = /@ts-(?:ignore|expect-error|nocheck)|biome-ignore|eslint-disable/
    const silenced = files.filter(({ path }) => silencers.test(readFileSync(join(src, path), 'utf8')))
    expect(silenced.map(({ path }) => path)).toEqual([])
  })

  it('keeps no state in modules', () => {
    expect(where(/^(?:export )?let /m)).toEqual([])
  })
})
