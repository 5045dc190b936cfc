/** What to look for in the lines of one language. Expressions are linear: none repeats what can match in two ways. */
export interface Language {
  readonly extensions: readonly string[]
  /** A line that is only a comment. */
  readonly comment: RegExp
  /** Begins one test. */
  readonly test: RegExp
  readonly assertion: RegExp
  /** An assertion that nearly everything passes. */
  readonly weak: RegExp
  /** Leaves out a test, or all others. */
  readonly skip: RegExp
  /** Tells a checker to look away. */
  readonly suppression: RegExp
}

const slashes = /^\s*(?:\/\/|\/?\*)/
const hash = /^\s*#/

const languages: Readonly<Record<string, Language>> = {
  javascript: {
    extensions: ['js', 'cjs', 'mjs', 'jsx', 'ts', 'cts', 'mts', 'tsx', 'vue', 'svelte'],
    comment: slashes,
    test: /(?<![\w$.])[xf]?(?:it|test|specify)(?:\.\w{1,20}){0,3}\s?[(`]/,
    assertion:
      /(?<![\w$.])(?:expect|assert)\w{0,40}\s?[.(<]|\.should\b|(?<![\w$.])t\.(?:is|not|ok|notOk|true|false|truthy|falsy|equals?|deepEqual|same|like|throws|throwsAsync|regex|snapshot)\(/,
    weak: /\bexpect\((?:true|1)\)|\.(?:toBeTruthy|toBeDefined)\(|\.not\.(?:toBeNull|toBeUndefined|toThrow)\(\)|\bexpect\.anything\(|\bassert(?:\.ok|\.isOk)?\((?:true|1)\b/,
    skip: /(?<![\w$.])(?:x(?:it|test|describe|context|specify)|f(?:it|describe|context))\s?\(|(?<![\w$.])(?:it|test|describe|context|suite|specify)(?:\.\w{1,20}){0,2}\.(?:skip|only|todo|fixme|fails|failing|skipIf|runIf)\b|\b(?:this|t|ctx|context)\.skip\(|(?<![\w$.])pending\(|\b(?:skip|only|todo): ?(?:true|['"`])|\bif \((?:false|0)\)/,
    suppression:
      /(?:eslint|oxlint|stylelint)-disable|tslint:disable|@ts-?(?:expect-error|ignore|nocheck)|(?:biome|deno-lint)-ignore|\$FlowFixMe|svelte-ignore|(?:istanbul|c8|v8) ignore|Stryker disable/,
  },
  python: {
    extensions: ['py', 'pyi'],
    comment: hash,
    test: /^\s*(?:async )?def test\w*\s?\(/,
    assertion: /^\s*assert\b|\bself\.assert\w+\(|\bpytest\.(?:raises|warns)\(|\bassert_\w+\(/,
    weak: /^\s*assert (?:True|1)\b|^\s*assert [\w.]+(?: is not None)?\s*$|\bassertTrue\(True\b|\bassertIsNotNone\(/,
    skip: /@(?:pytest\.mark\.(?:skip|skipif|xfail)|(?:unittest\.)?(?:skip(?:If|Unless)?|expectedFailure))\b|\bpytest\.(?:skip|xfail|importorskip)\(|\bself\.skipTest\(|\bSkipTest\b|\bcollect_ignore|\bpytestmark\s?=.{0,80}(?:skip|xfail)|\b__test__\s?=\s?False|^\s*if (?:False|0)\s?:/,
    suppression:
      /#\s?(?:(?:ruff|flake8): ?)?noqa\b|#\s?(?:type|pyright|ty|pyre): ?ignore|#\s?pylint: ?disable|#\s?mypy: ?(?:ignore|disable)|#\s?pragma: ?no cover|#\s?nosec\b/i,
  },
  go: {
    extensions: ['go'],
    comment: slashes,
    test: /^func (?:Test|Fuzz|Example)\w*\(|\bt\.Run\(/,
    assertion:
      /\btb?\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|\b(?:assert|require)\.\w+\(|^\s*(?:Expect|So|is\.\w+)\(/,
    weak: /\b(?:assert|require)\.(?:True\(t, true|NotNil\(|NotEmpty\()/,
    skip: /\b(?:t|b|tb|s\.T\(\))\.Skip(?:f|Now)?\(|^\s*[FXP](?:It|Describe|Context|Specify|Entry)\(|\bif false \{/,
    suppression: /\/\/\s?nolint|\/\/lint:(?:file-)?ignore|#nosec\b/,
  },
  rust: {
    extensions: ['rs'],
    comment: slashes,
    test: /#\[(?:\w+::)?(?:test|rstest|test_case|case)\b/,
    assertion: /\bassert(?:_\w+)?!\s?\(|#\[should_panic/,
    weak: /\bassert!\((?:true|[^=<>]{1,80}\.is_(?:ok|some)\(\))\)/,
    skip: /#\[(?:ignore\b|cfg\(any\(\)\)|cfg_attr\([^\]]{0,80}\bignore)/,
    suppression: /#!?\[\s?(?:allow|expect)\s?\(|#\[coverage\(off\)|#!?\[cfg_attr\([^\]]{0,80}\ballow\(/,
  },
  jvm: {
    extensions: ['java', 'kt', 'kts', 'groovy', 'scala'],
    comment: slashes,
    test: /@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|Property)\b|^\s*(?:should|test)\("/,
    assertion: /\b(?:assert|verify|expect)\w*\s?\(|\bshould(?:Be|Not|Throw|Equal|Have)|\bfail\(/,
    weak: /\bassertTrue\(true|\bassertNotNull\(|\.isNotNull\(\)/,
    skip: /@(?:Disabled|Ignore|EnabledIf)|\bassume(?:True|False|That)\(|\bxit\(|\benabled ?= ?false/,
    suppression:
      /@(?:file:)?Suppress(?:Warnings|FBWarnings|Lint)?\(|\bNOSONAR\b|\bNOPMD\b|CHECKSTYLE[.:] ?OFF|ktlint-disable|\/\/ ?noinspection/,
  },
  ruby: {
    extensions: ['rb', 'rake'],
    comment: hash,
    test: /^\s*[xf]?(?:it|specify|scenario|example|test)\b ?(?:\(|['"{]|do\b)|^\s*def test_/,
    assertion: /\b(?:expect|assert\w*|refute\w*|must_\w+|wont_\w+|is_expected|should|should_not)\b/,
    weak: /\bbe_truthy\b|\bnot_to be_nil\b|\bassert true\b|\bbe_present\b/,
    skip: /^\s*[xf](?:it|describe|context|specify|scenario|example)\b|^\s*(?:skip|pending)\b|(?:\b(?:skip|pending|focus):|, ?:(?:skip|pending|focus)\b).{0,80}(?:\bdo\b|\{)/,
    suppression: /rubocop:(?:disable|todo)|standard:disable|:nocov:|# ?typed: ?ignore/,
  },
  csharp: {
    extensions: ['cs', 'fs', 'vb'],
    comment: slashes,
    test: /\[(?:Fact|Theory|Test|TestCase|TestMethod|DataTestMethod|InlineData|DataRow)\b/,
    assertion: /\bAssert\.|\.Should\w*\(|\bVerify\w*\(/,
    weak: /\bAssert\.True\(true|\bAssert\.(?:NotNull|IsNotNull)\(|\.NotBeNull\(\)/,
    skip: /\[(?:Ignore|Explicit)\b|\bSkip ?= ?"|\bAssert\.(?:Ignore|Inconclusive)\(|\bSkip\.(?:If|IfNot)\(|#if (?:false|0)\b/i,
    suppression:
      /#pragma warning disable|\bSuppressMessage\b|ReSharper disable|#nullable disable|ExcludeFromCodeCoverage/,
  },
  php: {
    extensions: ['php'],
    comment: /^\s*(?:\/\/|\/?\*(?!\*? ?@test)|#(?!\[))/,
    test: /\bfunction test\w*\s?\(|@test\b|#\[Test\b|^\s*(?:it|test)\(/,
    assertion: /(?:->|::)(?:assert|expect)\w*\(|(?<![\w>:])(?:expect|assert)\(/,
    weak: /\bassertTrue\(true|\bassertNotNull\(|\btoBeTruthy\(/,
    skip: /\bmarkTest(?:Skipped|Incomplete)\(|->(?:skip|todo|only)\(|\bif \(false\)/,
    suppression:
      /@phpstan-ignore|@psalm-suppress|phpcs:(?:ignore|disable)|@codeCoverageIgnore|@infection-ignore|@phan-suppress/,
  },
  shell: {
    extensions: ['sh', 'bash', 'bats', 'zsh'],
    comment: /^\s*#(?! bats)/,
    test: /^\s*@test\b|^\s*(?:function )?test\w*\s?\(\)/,
    assertion: /^\s*(?:run )?(?:assert|refute)\w*\b|^\s*\[\[? /,
    weak: /\bassert true\b/,
    skip: /^\s*skip\b|# bats test_tags=bats:focus/,
    suppression: /shellcheck disable/,
  },
}

export function languageOf(path: string): Language | null {
  const name = path.toLowerCase()
  const isOf = ({ extensions }: Language) => extensions.some(extension => name.endsWith(`.${extension}`))
  return Object.values(languages).find(isOf) ?? null
}
