import { expect, it } from 'vitest'
import { type FileRole, fileRole, isTestName, subjectOf } from '../../../../src/core/judgement/dilution/file-role.ts'

const roles: Readonly<Record<FileRole | 'nothing', string>> = {
  test: `a.test.ts a.spec.js src/a.e2e.ts src/a_test.go src/a-test.js test_a.py a/test_b.py conftest.py tests/a.rs spec/a_spec.rb
    src/__tests__/a.tsx e2e/a.ts cypress/a.js src/test/java/ATest.java src/AIT.java src/ASpec.kt A.Tests/A.cs Tests/ATests.swift
    src/ATest.php a.bats test-a.mjs tests/helper.py a.cy.ts src/ATests.fs a_test.exs test-a.ts test-abc.js Unit.Test/A.cs spec/a.ts test/a.py A.PY.bats abc.bats`,
  check: `vitest.config.ts jest.config.js jest.setup.ts playwright.config.ts eslint.config.mjs karma.conf.js .eslintrc .eslintrc.json
    a/.eslintignore .mocharc.yml .nycrc.json biome.json biome.jsonc tsconfig.json a/tsconfig.build.json pytest.ini tox.ini noxfile.py .coveragerc
    mypy.ini .mypy.ini ruff.toml .ruff.toml .flake8 pylintrc .pylintrc pyrightconfig.json .golangci.yml .golangci.toml clippy.toml
    .clippy.toml deny.toml config/checkstyle.xml detekt.yml pmd-ruleset.xml spotbugs-exclude.xml .rubocop.yml .rubocop_todo.yml .rspec .simplecov
    a.ruleset a.runsettings stylecop.json phpunit.xml phpunit.xml.dist phpstan.neon phpstan.neon.dist psalm.xml .phpcs.xml .php-cs-fixer.dist.php
    infection.json5.dist .shellcheckrc .pre-commit-config.yaml lefthook.yml codecov.yml .codecov.yml vitest.unit-a.config.ts lighthouserc.json phpunit.ci.xml phpunit.ci.xml.dist phpstan-base.neon psalm-base.xml
    psalm.xml.dist phpcs.xml infection.json .yamllint .yamllint-ci.yml .hadolint.yml .hadolint.yaml .pre-commit-config.yml azure-pipelines-ci.yml sonar-project.properties .github/workflows/ci.yml
    .github/actions/a/action.yml .circleci/config.yml .husky/pre-push .gitlab-ci.yml .travis.yml azure-pipelines.yml bitbucket-pipelines.yml Jenkinsfile
    .drone.yml appveyor.yml knip.json .size-limit.json scripts/check.sh`,
  mixed: `package.json a/package.json pyproject.toml setup.cfg Makefile makefile GNUmakefile a.mk justfile Taskfile.yml Rakefile Cargo.toml
    .cargo/config.toml pom.xml build.gradle build.gradle.kts build.sbt a.csproj Directory.Build.props .editorconfig composer.json vite.config.ts`,
  fixture: `tests/fixtures/a.ts fixture/a.json src/__fixtures__/a.txt testdata/a.go test-data/a golden/a snapshots/a src/__snapshots__/a.test.ts.snap
    a.snap a.golden a.approved.txt cassettes/a.yaml tests/a.json spec/b.yml tests/a.html tests/a.htm tests/a.jpg tests/a.jpeg golden-files/a baseline/a baselines/a`,
  code: 'src/a.ts a.py a.go src/a.rs A.java a.kt a.rb A.cs a.php a.sh src/contest.ts latest.js src/testing.ts attest_a.py src/Unit.java A.PY',
  nothing:
    'a/.github/workflows/ci.yml a/.travis.yml tests/a.json.md README.md docs/tests.md package-lock.json vendor/a.test.ts node_modules/a/a.test.js dist/a.js tests/README.md a.json LICENSE a.lock',
}

const rows = Object.entries(roles).flatMap(([role, paths]) => paths.split(/\s+/).map(path => [role, path] as const))

it.each(rows)('%s: %s', (role, path) => {
  expect(fileRole(path, ['sh ./scripts/check.sh'])).toBe(role === 'nothing' ? null : role)
})

/** Those stay, because the folder alone says what they are. */
const folders =
  /(?:^|\/)(?:\.github|\.circleci|\.husky|fixtures?|__fixtures__|testdata|test-data|golden|golden-files|snapshots|__snapshots__|cassettes|baselines?)\//

it.each(rows.filter(([role, path]) => role !== 'nothing' && !folders.test(path)))(
  '%s: %s, but not its backup',
  (_, path) => {
    expect(fileRole(`${path}~`, ['sh ./scripts/check.sh'])).toBeNull()
  },
)

it.each([
  ['a.test.ts', true],
  ['tests/a.ts', false],
  ['tests/test_a.py', true],
])('by its name %s is a test: %s', (path, expected) => {
  expect(isTestName(path)).toBe(expected)
})

it.each([
  'src/sum.ts',
  'tests/sum.test.ts',
  'tests/test_sum.py',
  'sum_test.go',
  'spec/sum_spec.rb',
  'SumTest.java',
  'SumTests.cs',
  'SumSpec.kt',
  'SumIT.java',
  'sum-test.js',
  'test-sum.mjs',
  'a/sum.snap',
  'tests/sum.test.more.ts',
])('%s is about sum', path => {
  expect(subjectOf(path)).toBe('sum')
})
