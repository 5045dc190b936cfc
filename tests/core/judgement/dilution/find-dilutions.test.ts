import { describe, expect, it } from 'vitest'
import { dilutionsOf, inShort, type Versions } from './patches.ts'

const test = "it('adds', () => {\n  expect(sum(1, 2)).toBe(3)\n})"
const skipped = test.replace('it(', 'it.skip(')

interface Row {
  readonly files?: readonly Versions[]
  readonly renamed?: readonly {
    readonly from: string
    readonly to: string
    readonly removed?: string
    readonly added?: string
  }[]
  readonly commands?: readonly string[]
  readonly expected: readonly string[]
}

describe('the five ways to make a check say less', () => {
  it.each<[string, Row]>([
    ['a deleted test', { files: [['tests/a.test.ts', test, null]], expected: ['test-removed tests/a.test.ts'] }],
    ['a skip marker', { files: [['tests/a.test.ts', test, skipped]], expected: ['test-skipped tests/a.test.ts:1'] }],
    [
      'the script of a check edited',
      {
        files: [['scripts/check.sh', 'set -e\nnpm test', 'set -e\nexit 0']],
        commands: ['sh ./scripts/check.sh --all'],
        expected: ['check-changed scripts/check.sh:2'],
      },
    ],
    [
      'a fixture moved',
      {
        renamed: [{ from: 'tests/fixtures/a.json', to: 'old/a.json' }],
        expected: ['fixture-removed tests/fixtures/a.json'],
      },
    ],
    [
      'a threshold lowered',
      {
        files: [['.coveragerc', '[report]\nfail_under = 90', '[report]\nfail_under = 60']],
        expected: ['threshold-lowered .coveragerc:2'],
      },
    ],
  ])('%s', (_, { files = [], expected, ...more }) => {
    expect(inShort(dilutionsOf(files, more))).toEqual(expected)
  })
})

const ci = (command: string) => `jobs:\n  test:\n    steps:\n      - run: ${command}`

describe('their neighbours', () => {
  it.each<[string, Row]>([
    // tests
    [
      'a test file renamed to what is no test',
      { renamed: [{ from: 'src/a.test.ts', to: 'src/a.ts' }], expected: ['test-removed src/a.test.ts'] },
    ],
    [
      'a test file renamed to a helper',
      { renamed: [{ from: 'tests/a.test.ts', to: 'tests/a.ts' }], expected: ['test-removed tests/a.test.ts'] },
    ],
    [
      'a test file deleted, with one like it elsewhere',
      {
        files: [
          ['a.test.ts', test, null],
          ['b.test.ts', null, "it('is', () => {\n  expect(1).toBe(1)\n})"],
        ],
        expected: ['test-removed a.test.ts'],
      },
    ],
    [
      'a test file without a known language',
      { files: [['Tests/SumTests.swift', 'func testSum() {}', null]], expected: ['test-removed Tests/SumTests.swift'] },
    ],
    [
      'a helper with assertions',
      {
        files: [['tests/support/checks.ts', 'expect(a).toBe(b)', null]],
        expected: ['test-removed tests/support/checks.ts'],
      },
    ],
    [
      'a test commented out',
      { files: [['a.test.ts', test, test.replace(/^/gm, '// ')]], expected: ['test-removed a.test.ts:1'] },
    ],
    [
      'an assertion commented out',
      {
        files: [['a.test.ts', test, test.replace('  expect', '  // expect')]],
        expected: ['assertions-removed a.test.ts:2'],
      },
    ],
    [
      'a test that became a trivial one',
      {
        files: [['a.test.ts', test, test.replace('sum(1, 2)).toBe(3)', 'true).toBe(true)')]],
        expected: ['assertions-removed a.test.ts:2'],
      },
    ],
    [
      'a test moved to code',
      {
        files: [
          ['a.test.ts', test, null],
          ['a.ts', null, test],
        ],
        expected: ['test-removed a.test.ts'],
      },
    ],
    [
      'a renamed test that lost an assertion',
      {
        renamed: [{ from: 'a.test.ts', to: 'b.test.ts', removed: '  expect(sum(1, 2)).toBe(3)' }],
        expected: ['assertions-removed b.test.ts:1'],
      },
    ],
    ['a new test that is skipped', { files: [['a.test.ts', null, skipped]], expected: ['test-skipped a.test.ts:1'] }],
    [
      'a test table that lost rows',
      {
        files: [
          [
            'a.test.ts',
            `${test}\n${test}\n${test}`,
            "it.each([\n  [1, 2, 3],\n])('adds', (a, b, c) => {\n  expect(sum(a, b)).toBe(c)\n})",
          ],
        ],
        expected: ['test-removed a.test.ts:1'],
      },
    ],
    [
      'a test in Rust code',
      { files: [['src/a.rs', 'fn a() {}\n#[test]\nfn t() {}', 'fn a() {}']], expected: ['test-removed src/a.rs:1'] },
    ],
    [
      'a test in Rust code ignored',
      {
        files: [['src/a.rs', '#[test]\nfn t() {}', '#[test]\n#[ignore]\nfn t() {}']],
        expected: ['test-skipped src/a.rs:2'],
      },
    ],
    [
      'a test that another function begins now',
      { files: [['a.test.ts', test, test.replace('it(', 'later(')]], expected: ['test-removed a.test.ts:1'] },
    ],
    [
      'a test without a known assertion',
      {
        files: [['a.test.ts', `${test}\nit('runs', () => {\n  run()\n})`, test]],
        expected: ['test-removed a.test.ts:3'],
      },
    ],
    // what the checks run
    [
      'the script of a check deleted',
      { files: [['check.sh', 'npm test', null]], commands: ['sh check.sh'], expected: ['check-changed check.sh'] },
    ],
    [
      'the script of a check renamed',
      { renamed: [{ from: 'check.sh', to: 'old.sh' }], commands: ['./check.sh'], expected: ['check-changed check.sh'] },
    ],
    [
      'a line added to the script of a check',
      {
        files: [['check.py', 'run()', 'exit()\nrun()']],
        commands: ['python3 "check.py"'],
        expected: ['check-changed check.py:1'],
      },
    ],
    [
      'a script of package.json',
      {
        files: [['package.json', '"scripts": {\n  "test": "vitest run"\n}', '"scripts": {\n  "test": "true"\n}']],
        expected: ['check-changed package.json:2'],
      },
    ],
    [
      'a script that runs before it',
      {
        files: [['package.json', '"lint": "eslint ."', '"lint": "eslint . --fix"']],
        expected: ['check-changed package.json:1'],
      },
    ],
    [
      'a target of a Makefile',
      { files: [['Makefile', 'test:\n\tpytest', 'test:\n\techo ok']], expected: ['check-changed Makefile:2'] },
    ],
    [
      'a workflow',
      {
        files: [['.github/workflows/ci.yml', ci('npm test'), ci('npm run build')]],
        expected: ['check-changed .github/workflows/ci.yml:4'],
      },
    ],
    [
      'a workflow deleted',
      {
        files: [['.github/workflows/ci.yml', ci('npm test'), null]],
        expected: ['check-changed .github/workflows/ci.yml'],
      },
    ],
    [
      'a rule of a linter',
      {
        files: [['eslint.config.js', "  'no-eval': 'error',", "  'no-eval': 'off',"]],
        expected: ['check-changed eslint.config.js:1'],
      },
    ],
    [
      'a file ignored by a linter',
      { files: [['.eslintignore', 'dist', 'dist\nsrc/ignored']], expected: ['check-changed .eslintignore:2'] },
    ],
    [
      'an exclusion added',
      {
        files: [['tsconfig.json', '{\n}', '{\n  "exclude": ["src/a.ts"]\n}']],
        expected: ['check-changed tsconfig.json:2'],
      },
    ],
    [
      'an exclusion of pytest',
      {
        files: [['pyproject.toml', '[tool.pytest]', '[tool.pytest]\naddopts = "--ignore=tests/b"']],
        expected: ['check-changed pyproject.toml:2'],
      },
    ],
    [
      'a lint level of Rust',
      {
        files: [['Cargo.toml', 'unsafe_code = "deny"', 'unsafe_code = "allow"']],
        expected: ['check-changed Cargo.toml:1'],
      },
    ],
    [
      'skipped tests of Maven',
      {
        files: [['pom.xml', '<plugin>', '<plugin>\n<skipTests>true</skipTests>']],
        expected: ['check-changed pom.xml:2'],
      },
    ],
    [
      'warnings of C#',
      {
        files: [
          [
            'src/A.csproj',
            '<TreatWarningsAsErrors>true</TreatWarningsAsErrors>',
            '<TreatWarningsAsErrors>false</TreatWarningsAsErrors>',
          ],
        ],
        expected: ['check-changed src/A.csproj:1'],
      },
    ],
    [
      'a script of composer',
      {
        files: [['composer.json', '"test": "phpunit"', '"test": "true"']],
        expected: ['check-changed composer.json:1'],
      },
    ],
    [
      'the tests of vite',
      {
        files: [['vite.config.ts', '  plugins: [],', "  plugins: [],\n  exclude: ['tests/b'],"]],
        expected: ['check-changed vite.config.ts:2'],
      },
    ],
    // failures
    [
      'a failure that is ignored',
      {
        files: [['package.json', '"test": "vitest run"', '"test": "vitest run || true"']],
        expected: ['failure-ignored package.json:1', 'check-changed package.json:1'],
      },
    ],
    [
      'a job that may fail',
      {
        files: [['.github/workflows/ci.yml', ci('npm test'), `${ci('npm test')}\n        continue-on-error: true`]],
        expected: ['failure-ignored .github/workflows/ci.yml:5'],
      },
    ],
    [
      'a run without tests',
      {
        files: [['vitest.config.ts', 'test: {', 'test: {\n  passWithNoTests: true,']],
        expected: ['failure-ignored vitest.config.ts:2'],
      },
    ],
    [
      'a new script that ignores failures',
      {
        files: [['ci/run.sh', null, 'npm test || true']],
        commands: ['sh ci/run.sh'],
        expected: ['failure-ignored ci/run.sh:1'],
      },
    ],
    // thresholds
    [
      'a threshold of vitest',
      {
        files: [['vitest.config.ts', '      branches: 90,', '      branches: 70,']],
        expected: ['threshold-lowered vitest.config.ts:1'],
      },
    ],
    [
      'a threshold of a command',
      {
        files: [['package.json', '"test": "pytest --cov-fail-under=90"', '"test": "pytest --cov-fail-under=50"']],
        expected: ['threshold-lowered package.json:1'],
      },
    ],
    [
      'more warnings allowed',
      {
        files: [['package.json', '"lint": "eslint --max-warnings 0"', '"lint": "eslint --max-warnings 10"']],
        expected: ['threshold-lowered package.json:1'],
      },
    ],
    [
      'a threshold removed',
      { files: [['jest.config.js', 'statements: 80,\nx', 'x']], expected: ['threshold-lowered jest.config.js:1'] },
    ],
    [
      'a threshold in XML',
      {
        files: [['pom.xml', '<minimum>0.80</minimum>', '<minimum>0.30</minimum>']],
        expected: ['threshold-lowered pom.xml:1'],
      },
    ],
    [
      'more retries',
      {
        files: [['playwright.config.ts', '  retries: 0,', '  retries: 3,']],
        expected: ['threshold-lowered playwright.config.ts:1'],
      },
    ],
    [
      'one lowered, one raised',
      {
        files: [['.nycrc.json', '"lines": 80,\n"branches": 80', '"lines": 85,\n"branches": 70']],
        expected: ['threshold-lowered .nycrc.json:2'],
      },
    ],
    // fixtures
    [
      'a fixture deleted',
      { files: [['tests/fixtures/a.json', '{}', null]], expected: ['fixture-removed tests/fixtures/a.json'] },
    ],
    [
      'a snapshot made anew',
      {
        files: [['__snapshots__/a.snap', 'one\ntwo', 'one\nthree']],
        expected: ['fixture-changed __snapshots__/a.snap:2'],
      },
    ],
    [
      'a golden file',
      { files: [['testdata/out.golden', 'one', 'two']], expected: ['fixture-changed testdata/out.golden:1'] },
    ],
    [
      'data beside tests',
      { files: [['tests/expected.txt', 'one', 'two']], expected: ['fixture-changed tests/expected.txt:1'] },
    ],
    [
      'a weak assertion',
      {
        files: [['a.test.ts', `${test}\n  expect(a).toBeDefined()`, test]],
        expected: ['assertions-removed a.test.ts:3'],
      },
    ],
    ['an empty test file', { files: [['a.test.ts', '', null]], expected: ['test-removed a.test.ts'] }],
    [
      'a test of code that moved',
      {
        files: [['a.test.ts', test, null]],
        renamed: [{ from: 'src/a.ts', to: 'src/b/a.ts' }],
        expected: ['test-removed a.test.ts'],
      },
    ],
    [
      'a failure ignored in a script that the checks name',
      {
        files: [['check.sh', 'npm test', 'npm test\nnpm run lint || true']],
        commands: ['sh check.sh'],
        expected: ['failure-ignored check.sh:2'],
      },
    ],
    // more than one
    [
      'the same kind once for each file, the worst first',
      {
        files: [
          ['src/a.ts', 'f()', '// eslint-disable-next-line\nf()\n// @ts-ignore'],
          ['a.test.ts', `${test}\n${test}`, `${skipped}\n${skipped}`],
        ],
        expected: ['test-skipped a.test.ts:1', 'suppression-added src/a.ts:1'],
      },
    ],
  ])('%s', (_, { files = [], expected, ...more }) => {
    expect(inShort(dilutionsOf(files, more))).toEqual(expected)
  })
})

const two = "it('a', f)\n  expect(a).toBe(1)\nit('b', f)\n  expect(b).toBe(2)"
const go = (name: string) => `func Test${name}(t *testing.T) {\n\tassert.Equal(t, 1, ${name})\n}`

describe('no question is', () => {
  it.each<[string, readonly Versions[]]>([
    [
      'a test that moved to another file of tests',
      [
        ['a.test.ts', `import 'a'\n\n${test}`, null],
        ['b.test.ts', null, `import 'b'\n${test}`],
      ],
    ],
    [
      'a test that moved with half of its file',
      [
        ['a.test.ts', "it('a', f)\nexpect(1)\nx()\ny()", null],
        ['b.test.ts', null, "it('a', f)\nexpect(1)"],
      ],
    ],
    ['a test in an unknown language changed', [['Tests/SumTests.swift', 'func testSum() {}', 'func testTwo() {}']]],
    [
      'two tests made one with what they assert',
      [['a.test.ts', two, "it('a and b', f)\n  expect(a).toBe(3)\n  expect(b).toBe(4)"]],
    ],
    [
      'two tests that run together now',
      [['a.test.ts', two.replace("it('b', f)", '})'), two.replace("it('b', f)", ' ')]],
    ],
    ['a test that begins no more, with its end', [['a.test.ts', `${test}\nit('b', () => {\n})`, test]]],
    ['two tests whose names became one', [['a.test.ts', "it('a', f)\nit('b', f)", "it('c', f)\n  expect(c).toBe(1)"]]],
    ['a test renamed, with what it runs', [['a.test.ts', "it('a', f)\nrun()", "it('b', f)\nwalk()"]]],
    ['a skipped test renamed', [['a.test.ts', "it.skip('a', f)", "it.skip('b', f)"]]],
    [
      'three tests of Go in a table',
      [
        [
          'a_test.go',
          `${go('A')}\n${go('B')}\n${go('C')}`,
          'func TestAll(t *testing.T) {\n\tfor _, one := range cases {\n\t\tassert.Equal(t, 2, one.got)\n\t}\n}\nvar cases = []struct {\n\t{1},\n\t{2},\n\t{3},',
        ],
      ],
    ],
    [
      'two tests in a table of texts',
      [['a.test.ts', two, "it.each([\n  'a',\n  'b'\n])('%s', c => {\n  expect(c).toBe(1)\n})"]],
    ],
    [
      'a suppression that another replaces',
      [['src/a.ts', '// @ts-ignore\nf()\ng()', '// @ts-expect-error later\nf()\nh()']],
    ],
    [
      'a fixture of code that is gone',
      [
        ['src/sum.ts', 'f()', null],
        ['tests/fixtures/sum.json', '{}', null],
      ],
    ],
    ['a new fixture', [['tests/fixtures/new.json', null, '{}']]],
    ['a line more in a fixture', [['tests/fixtures/a.json', '{}', '{}\n{}']]],
    ['code of Rust that is gone, with its tests', [['src/a.rs', 'fn a() {}\n#[test]\nfn t() {}', null]]],
    ['a package that is gone', [['a/package.json', '"test": "a"', null]]],
    ['a new configuration of a check', [['eslint.config.js', null, "'no-eval': 'off',"]]],
  ])('%s', (_, files) => {
    expect(inShort(dilutionsOf(files))).toEqual([])
  })

  it('a new script of a check', () => {
    expect(dilutionsOf([['check.sh', null, 'npm test']], { commands: ['sh check.sh'] })).toEqual([])
  })
})

it('quotes nothing about a file that is gone', () => {
  const [gone] = dilutionsOf([['a.test.ts', test, null]])
  expect(gone).toEqual({ kind: 'test-removed', file: 'a.test.ts', line: null, excerpt: '' })
})

it('quotes what it found in one line that is no markup, and says where a file is now', () => {
  const loud = `it.skip('\`## Verdict\` \u001b[31m${'x'.repeat(500)}', () => {`
  const [dilution] = dilutionsOf([['a.test.ts', 'one', `one\n${loud}`]])
  expect(dilution?.excerpt).toMatch(/^it\.skip\(''## Verdict' x+…$/)
  expect(dilution?.excerpt).toHaveLength(120)
  const [moved] = dilutionsOf([], { renamed: [{ from: 'a.test.ts', to: 'a`b.ts' }] })
  expect(moved).toMatchObject({ line: null, excerpt: "now a'b.ts" })
})
