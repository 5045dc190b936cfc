import { expect, it } from 'vitest'
import { dilutionsOf, inShort } from './patches.ts'

/** For each test file: lines that leave out a test, that suppress a checker, and that are neither. */
const lines: Readonly<
  Record<string, { skip: readonly string[]; suppress: readonly string[]; neither: readonly string[] }>
> = {
  'tests/a.test.ts': {
    skip: [
      "it.skip('adds', () => {",
      "xit('adds', () => {",
      "xdescribe('sums', () => {",
      "fit('adds', () => {",
      "fdescribe('sums', () => {",
      "test.only('adds', () => {",
      "describe.only('sums', () => {",
      "it.todo('adds')",
      "test.fixme('adds', async () => {",
      "it.fails('adds', () => {",
      "test.skipIf(isWindows)('adds', () => {",
      "test.concurrent.skip('adds', () => {",
      '  this.skip()',
      "  t.skip('later')",
      "  pending('later')",
      "test('adds', { skip: true }, () => {",
      "test('adds', { only: true }, () => {",
      '  if (false) {',
      '  if (0) {',
    ],
    suppress: [
      '// eslint-disable-next-line no-console',
      '/* eslint-disable */',
      '// @ts-ignore',
      '// @ts-expect-error wrong on purpose',
      '// @ts-nocheck',
      '// biome-ignore lint/suspicious/noExplicitAny: later',
      '// oxlint-disable-next-line',
      '// tslint:disable',
      '// deno-lint-ignore no-explicit-any',
      '// $FlowFixMe',
      '/* istanbul ignore next */',
      '/* v8 ignore next */',
      '/* c8 ignore start */',
      '// Stryker disable all',
    ],
    neither: [
      "it('skips blank lines', () => {",
      'const only = list.filter(isOnly)',
      '// it.skip is not allowed here',
      'parts.skip(3)',
      "exit('x')",
      'profit(3)',
      '  if (x) {',
    ],
  },
  'tests/test_a.py': {
    skip: [
      '@pytest.mark.skip(reason="later")',
      '@pytest.mark.skipif(sys.platform == "win32")',
      '@pytest.mark.xfail',
      '@unittest.skip("later")',
      '@skipUnless(x, "y")',
      '@unittest.expectedFailure',
      '    pytest.skip("later")',
      '    pytest.importorskip("numpy")',
      '    self.skipTest("later")',
      '    raise SkipTest',
      'pytestmark = pytest.mark.skip',
      'collect_ignore = ["test_b.py"]',
      '    __test__ = False',
      '    if False:',
    ],
    suppress: [
      'x = 1  # noqa',
      'x = 1  # noqa: E501',
      '# ruff: noqa',
      '# flake8: noqa',
      'x = f()  # type: ignore',
      'x = f()  # type: ignore[arg-type]',
      'x = f()  # pyright: ignore',
      '# pylint: disable=all',
      '# mypy: ignore-errors',
      'if x:  # pragma: no cover',
      'x = eval(y)  # nosec',
    ],
    neither: ['def skip_blank(lines):', '# @pytest.mark.skip', 'skipped = 3', '    if fast:'],
  },
  'a_test.go': {
    skip: [
      '\tt.Skip("later")',
      '\tt.Skipf("later %d", 1)',
      '\tt.SkipNow()',
      '\tb.Skip()',
      '\ts.T().Skip()',
      '\tXIt("adds", func() {',
      '\tFDescribe("sums", func() {',
      '\tPContext("sums", func() {',
      '\tif false {',
    ],
    suppress: [
      'x := f() //nolint',
      'x := f() //nolint:errcheck',
      '//lint:ignore SA1000 later',
      'x := f() // #nosec G101',
    ],
    neither: ['\tparser.Skip(3)', '\tIt("adds", func() {', '// t.Skip()'],
  },
  'tests/a.rs': {
    skip: ['#[ignore]', '#[ignore = "later"]', '#[cfg(any())]', '#[cfg_attr(windows, ignore)]'],
    suppress: [
      '#[allow(dead_code)]',
      '#![allow(warnings)]',
      '#[expect(unused)]',
      '#[cfg_attr(test, allow(unused))]',
      '#[coverage(off)]',
    ],
    neither: ['#[derive(Debug)]', '// #[ignore]', 'let allow = 3;'],
  },
  'src/test/java/ATest.java': {
    skip: [
      '@Disabled',
      '@Disabled("later")',
      '@DisabledOnOs(OS.WINDOWS)',
      '@Ignore',
      '@EnabledIfEnvironmentVariable(named = "CI")',
      '  assumeTrue(fast);',
      '  Assumptions.assumeFalse(x);',
      '@Test(enabled = false)',
    ],
    suppress: [
      '@SuppressWarnings("unchecked")',
      'f(); // NOSONAR',
      'f(); // NOPMD',
      '// CHECKSTYLE:OFF',
      '@SuppressFBWarnings("X")',
      '//noinspection unused',
    ],
    neither: ['@Tag("slow")', 'int ignored = 3;', '// @Disabled'],
  },
  'src/test/kotlin/ASpec.kt': {
    skip: ['  xit("adds") {', '  "adds".config(enabled = false) {'],
    suppress: ['@Suppress("UNCHECKED_CAST")', '@file:Suppress("unused")', '// ktlint-disable no-wildcard-imports'],
    neither: ['  should("add") {'],
  },
  'spec/a_spec.rb': {
    skip: [
      "  xit 'adds' do",
      "  xdescribe 'sums' do",
      "  fit 'adds' do",
      "  fcontext 'sums' do",
      "  skip 'later'",
      '  pending',
      "  it 'adds', skip: true do",
      "  it 'adds', :focus do",
      "  it 'adds', pending: 'later' do",
    ],
    suppress: [
      'f # rubocop:disable Style/X',
      '# rubocop:todo all',
      '# :nocov:',
      '# standard:disable all',
      '# typed: ignore',
    ],
    neither: ["  it 'skips blanks' do", '  # skip this one', '  skipped = 3'],
  },
  'A.Tests/ATests.cs': {
    skip: [
      '[Ignore]',
      '[Ignore("later")]',
      '[Explicit]',
      '[Fact(Skip = "later")]',
      '  Assert.Ignore("later");',
      '  Assert.Inconclusive();',
      '  Skip.If(x);',
      '#if false',
    ],
    suppress: [
      '#pragma warning disable CS0168',
      '[SuppressMessage("a", "b")]',
      '// ReSharper disable All',
      '#nullable disable',
      '[ExcludeFromCodeCoverage]',
    ],
    neither: ['[Category("slow")]', '  list.Skip(3);', '// [Ignore]'],
  },
  'tests/ATest.php': {
    skip: [
      "  $this->markTestSkipped('later');",
      '  $this->markTestIncomplete();',
      "it('adds')->skip();",
      "it('adds')->only();",
      '  if (false) {',
    ],
    suppress: [
      '// @phpstan-ignore-next-line',
      '/** @psalm-suppress X */',
      '// phpcs:ignore',
      '// phpcs:disable',
      '/** @codeCoverageIgnore */',
      '// @phan-suppress-current-line X',
    ],
    neither: ['  $list->take(3);', '// $this->markTestSkipped();'],
  },
  'tests/a.bats': {
    skip: ['  skip "later"', '  skip', '# bats test_tags=bats:focus'],
    suppress: ['# shellcheck disable=SC2086'],
    neither: ['  # skip', '  skipped=3'],
  },
}

const rows = Object.entries(lines).flatMap(([path, { skip, suppress, neither }]) => [
  ...skip.map(line => [path, line, [`test-skipped ${path}:2`]] as const),
  ...suppress.map(line => [path, line, [`suppression-added ${path}:2`]] as const),
  ...neither.map(line => [path, line, []] as const),
])

it.each(rows)('%s, with %s', (path, line, expected) => {
  expect(inShort(dilutionsOf([[path, 'one\ntwo', `one\n${line}\ntwo`]]))).toEqual(expected)
  // Taken away, or only moved, it is no question.
  expect(
    inShort(dilutionsOf([[path, `one\n${line}\ntwo`, 'one\ntwo']])).filter(found => /skipped|suppression/.test(found)),
  ).toEqual([])
  expect(inShort(dilutionsOf([[path, `${line}\ntwo`, `two\n  ${line}`]]))).toEqual([])
})

/** For each file: a test with an assertion, the same test without it, and one that nearly everything passes. */
const tests: readonly (readonly [path: string, test: string, assertion: string, weak: string])[] = [
  ['a.test.ts', "it('adds', () => {", '  expect(sum(1, 2)).toBe(3)', '  expect(sum(1, 2)).toBeDefined()'],
  ['a.spec.js', 'test.each`', '  assert.equal(sum(1, 2), 3)', '  assert.ok(true)'],
  ['tests/a.test.mjs', "test('adds', async t => {", '  t.deepEqual(sum(1, 2), 3)', '  expect(true).toBe(true)'],
  ['cypress/a.cy.ts', "it('shows', () => {", "  cy.get('a').should('be.visible')", '  expect(() => f()).not.toThrow()'],
  ['test_a.py', 'def test_adds():', '    assert add(1, 2) == 3', '    assert True'],
  [
    'tests/a_test.py',
    '    async def test_adds(self):',
    '        self.assertEqual(add(1, 2), 3)',
    '        self.assertIsNotNone(x)',
  ],
  ['tests/test_b.py', 'def test_fails():', '    with pytest.raises(ValueError):', '    assert result is not None'],
  ['a_test.go', 'func TestAdds(t *testing.T) {', '\tt.Errorf("got %d", got)', '\tassert.NotNil(t, got)'],
  ['b_test.go', '\tt.Run("adds", func(t *testing.T) {', '\trequire.Equal(t, 3, got)', '\trequire.True(t, true)'],
  ['tests/a.rs', '#[test]', '    assert_eq!(add(1, 2), 3);', '    assert!(add(1, 2).is_ok());'],
  ['tests/b.rs', '#[tokio::test]', '#[should_panic]', '    assert!(true);'],
  ['src/test/java/ATest.java', '  @Test', '    assertEquals(3, add(1, 2));', '    assertNotNull(x);'],
  ['src/test/java/BTest.java', '  @ParameterizedTest', '    verify(mock).call();', '    assertTrue(true);'],
  ['src/test/kotlin/ASpec.kt', '  should("add") {', '    sum shouldBe 3', '    assertThat(x).isNotNull()'],
  ['spec/a_spec.rb', "  it 'adds' do", '    expect(add(1, 2)).to eq(3)', '    expect(x).to be_truthy'],
  ['test/a_test.rb', '  def test_adds', '    assert_equal 3, add(1, 2)', '    assert true'],
  ['A.Tests/ATests.cs', '  [Fact]', '    Assert.Equal(3, Add(1, 2));', '    Assert.True(true);'],
  ['A.Tests/BTests.cs', '  [TestMethod]', '    x.Should().Be(3);', '    x.Should().NotBeNull();'],
  [
    'tests/ATest.php',
    '  public function testAdds()',
    '    $this->assertSame(3, add(1, 2));',
    '    $this->assertTrue(true);',
  ],
  ['tests/BTest.php', "it('adds', function () {", '    expect(add(1, 2))->toBe(3);', '    self::assertNotNull($x);'],
  ['tests/a.bats', '@test "adds" {', '  [ "$(add 1 2)" = 3 ]', '  assert true'],
  ['tests/b.sh', 'test_adds() {', '  assert_equal 3 "$(add 1 2)"', '  assert true'],
]

it.each(tests)('%s: a test, its assertion, or what it asks for is taken away', (path, test, assertion, weak) => {
  const first = 'first'
  const was = [first, test, assertion, 'end'].join('\n')
  const found = (after: readonly string[]) => inShort(dilutionsOf([[path, was, after.join('\n')]]))
  expect(found([first, 'end'])).toEqual([`test-removed ${path}:1`])
  expect(found([first, test, 'end'])).toEqual([`assertions-removed ${path}:2`])
  expect(found([first, test, weak, 'end'])).toEqual([`assertions-removed ${path}:3`])
  expect(found([first, test, `${assertion} // of four`, 'end'])).toEqual([])
  expect(found([first, test, assertion, test, assertion, 'end'])).toEqual([])
  expect(inShort(dilutionsOf([[path, null, was]]))).toEqual([])
})
