/** Configuration of test runners, linters, type checkers and coverage, and of CI. */
const configs: readonly RegExp[] = [
  /(?:^|\/)(?:vitest|jest|playwright|cypress|karma|ava|wdio|eslint|stylelint|stryker|lint-staged|commitlint|web-test-runner)(?:\.[\w-]+)?\.(?:config|conf|workspace|setup)\.\w+$/,
  /(?:^|\/)(?:\.eslintrc|\.mocharc|\.nycrc|\.c8rc|\.stylelintrc|\.oxlintrc|\.jshintrc|\.taprc|\.lintstagedrc|\.markdownlint|\.semgrep)[\w.-]*$/,
  /(?:^|\/)\.(?:eslint|stylelint|jshint|semgrep|snyk)ignore$/,
  /(?:^|\/)(?:biome\.jsonc?|tsconfig[\w.-]*\.json|jsconfig\.json|knip\.jsonc?|tslint\.json|\.size-limit\.\w+|lighthouserc\.\w+)$/,
  /(?:^|\/)(?:pytest\.ini|tox\.ini|noxfile\.py|\.coveragerc|\.?mypy\.ini|\.?ruff\.toml|\.flake8|\.?pylintrc|pyrightconfig\.json|\.bandit|\.isort\.cfg)$/,
  /(?:^|\/)(?:\.golangci\.(?:ya?ml|toml|json)|staticcheck\.conf|\.?clippy\.toml|deny\.toml|nextest\.toml|tarpaulin\.toml)$/,
  /(?:^|\/)(?:checkstyle|pmd|spotbugs|findbugs|detekt|ktlint|scalastyle|errorprone)[\w.-]*\.(?:xml|ya?ml|conf)$/i,
  /(?:^|\/)(?:\.rubocop\w*\.yml|\.rspec|\.simplecov|\.standard\.yml|\.reek\.yml)$/,
  /\.(?:ruleset|runsettings|globalconfig)$|(?:^|\/)stylecop\.json$/,
  /(?:^|\/)(?:phpunit(?:\.\w+)?\.xml(?:\.dist)?|phpstan[\w.-]*\.neon(?:\.dist)?|psalm[\w.-]*\.xml(?:\.dist)?|\.?phpcs\.xml(?:\.dist)?|\.php-cs-fixer[\w.-]*\.php|infection\.json\w*(?:\.dist)?)$/,
  /(?:^|\/)(?:\.shellcheckrc|\.yamllint[\w.-]*|\.hadolint\.ya?ml|\.pre-commit-config\.ya?ml|lefthook\.ya?ml|sonar-project\.properties|\.?codecov\.ya?ml)$/,
  /^\.(?:github\/(?:workflows|actions)|circleci|buildkite|husky|gitlab|woodpecker|forgejo\/workflows|gitea\/workflows)\//,
  /^(?:\.gitlab-ci\.ya?ml|\.travis\.yml|\.drone\.yml|\.?appveyor\.yml|azure-pipelines[\w.-]*\.yml|bitbucket-pipelines\.yml|Jenkinsfile|\.cirrus\.yml)$/,
]

export function isConfigOfCheck(path: string): boolean {
  return configs.some(config => config.test(path))
}

/** Whether a command of `checks.run` names this file. */
export function namedInChecks(path: string, commands: readonly string[]): boolean {
  return commands.some(command => command.split(/[\s"'`;&|()<>=]/).some(word => word.replace(/^\.\//, '') === path))
}

/** Files that say other things as well, with what their lines say to tests and checks. */
const mixed: readonly (readonly [RegExp, RegExp])[] = [
  [
    /(?:^|\/)package\.json$/,
    /"(?:(?:pre|post)?(?:test|tests|lint|check|checks|typecheck|type-check|types|verify|validate|ci|coverage|cover|e2e|unit|integration)(?:[:.-][\w:.-]{1,60})?|testPathIgnorePatterns|testMatch|coverageThreshold|collectCoverage\w*|bail|eslintConfig|eslintIgnore|max-warnings)"\s?:|(?:--max-warnings|--passWithNoTests)/,
  ],
  [
    /(?:^|\/)(?:pyproject\.toml|setup\.cfg)$/,
    /^\s*(?:addopts|testpaths|python_files|filterwarnings|fail_under|omit|exclude\w*|extend-exclude|ignore\w*|extend-ignore|select|extend-select|per-file-ignores|strict\w*|disallow_\w+|check_untyped_defs|warn_\w+|disable\w*|xfail_strict|follow_imports|typeCheckingMode|report\w+|skips|max-[\w-]+)\s?[:=]/,
  ],
  [
    /(?:^|\/)(?:GNUm|[Mm])akefile$|\.mk$|(?:^|\/)(?:[Jj]ustfile|Taskfile\.ya?ml|Rakefile|build\.zig|Earthfile)$/,
    /(?:test|check|lint|verify|coverage|\bci\b)[\w-]{0,40}\s?:|\b(?:test|lint|check|pytest|vitest|jest|eslint|mypy|ruff|clippy|rspec|phpunit|vet|tsc)\b/,
  ],
  [
    /(?:^|\/)Cargo\.toml$|(?:^|\/)\.cargo\/config\.toml$/,
    /"(?:allow|warn|deny|forbid)"|^\s*(?:test|harness|doctest|autotests)\s?=/,
  ],
  [
    /(?:^|\/)(?:pom\.xml|build\.gradle(?:\.kts)?|build\.sbt|gradle\.properties)$/,
    /skip|ignoreFailures|testFailureIgnore|<exclude>|exclude|failOn|haltOnFailure|<minimum>|minimum|threshold|useJUnit|warningsAsErrors|allWarningsAsErrors/i,
  ],
  [
    /\.(?:cs|fs|vb)proj$|(?:^|\/)Directory\.Build\.(?:props|targets)$|(?:^|\/)\.editorconfig$/,
    /NoWarn|TreatWarningsAsErrors|WarningLevel|Threshold|AnalysisLevel|EnforceCodeStyle|Nullable|severity/,
  ],
  [/(?:^|\/)composer\.json$/, /"(?:test|lint|check|analy[sz]e|phpstan|psalm|phpunit|cs)[\w:-]{0,40}"\s?:/],
  [
    /(?:^|\/)vite\.config\.\w+$/,
    /\b(?:test|exclude|include|coverage|thresholds?|passWithNoTests|retry|bail|allowOnly)\s?:/,
  ],
]

/** What the lines of this file say to tests and checks; null: it says nothing to them. */
export function mixedLines(path: string): RegExp | null {
  return mixed.find(([files]) => files.test(path))?.[1] ?? null
}

/** In a line that is new in such a file: it leaves something out. Other new lines ask for more. */
export const leavesOut =
  /exclude|ignore|skip|omit|disable|suppress|"off"|'off'|:\s?off\b|"warn"|'warn'|\bfalse\b|\ballow\b|NoWarn|\bonly\b/i

/** With it, a failure does not count. */
export const ignoresFailure =
  /\|\| {0,3}(?:true|:|exit 0|echo)(?![\w-])|; {0,3}true\s*$|\bset \+e\b|continue-on-error: {0,3}true|allow_failure: {0,3}true|pass-?with-?no-?tests|--exit-zero|--no-verify|-DskipTests|-Dmaven\.test\.skip|ignoreFailures|testFailureIgnore|--skip-tests|\bif: {0,3}false\b/i
