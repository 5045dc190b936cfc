import { expect, it } from 'vitest'
import { type Language, languageOf } from '../../../../src/core/judgement/dilution/languages.ts'

type Kind = Exclude<keyof Language, 'extensions'>
type Rows = Partial<Record<Kind, { readonly yes: readonly string[]; readonly no: readonly string[] }>>

/** Lines in unusual forms that are of a kind, and lines that only look like it. */
const lines: Readonly<Record<string, Rows>> = {
  'a.ts': {
    comment: { yes: ['// a', '  /* a', ' * a', '* a'], no: ['f() // a'] },
    test: {
      yes: ["  it('a', f)", "it ('a', f)", "xit('a', f)", "it.concurrent.each ([1])('a', f)", 'test.each`'],
      no: ["exit('a')", 'a.it(1)', '$it(1)', '_test(1)', 'a.fit(1)'],
    },
    assertion: {
      yes: ['expect (a).toBe(1)', '  assertEquals(a, b)', 't.equal(a, b)', 't.equals(a, b)', 'expectTypeOf<A>()'],
      no: ['reexpect(a)', 'a.expect(1)', 'first.is(3)'],
    },
    weak: { yes: ['assert(true)', 'assert.ok(1)', 'assert.isOk(true)'], no: ['assert(trueish)', 'expect(12)'] },
    skip: {
      yes: ["fit ('a', f)", "  it.skip('a', f)", "  xit('a', f)"],
      no: ["profit('a')", 'a.test.skip(3)', 'mytest.only(1)', 'this.skipped()'],
    },
  },
  'a.py': {
    comment: { yes: ['# a', '    # a'], no: ['assert a == 1  # why'] },
    assertion: { yes: ['m.assert_called_with(3)', 'assert a == 1'], no: ['log("assert a == 1")', 'assertive = 1'] },
    weak: {
      yes: ['assert True', '        assert True', '    assert 1'],
      no: ['text = "assert True"', 'assert a == 1'],
    },
    skip: { yes: ['__test__=False', '__test__ = False', 'if False:', '    if 0 :'], no: ['elif Falsely:'] },
    suppression: {
      yes: [
        '#noqa',
        '#ruff:noqa',
        '#type:ignore',
        '#pylint:disable=a',
        '#mypy:ignore-errors',
        '#pragma:no cover',
        '#nosec',
      ],
      no: ['noqa = 1', 'type: ignored'],
    },
  },
  'a.go': {
    test: { yes: ['func FuzzA(f *testing.F) {'], no: ['x := "func TestA("', 'func testA() {'] },
    assertion: {
      yes: ['Expect(a).To(Equal(1))', '\t\tSo(a, ShouldEqual, 1)', '\tis.Equal(a, 1)', '\ttb.Fatal(1)', '\tt.Fatal(1)'],
      no: ['\tm.Expect(a)', '\tx.is.Equal(a)', '\tat.Error(1)', '\tit.Fatal(1)'],
    },
    skip: { yes: ['XIt("a", f)', '\t\tFIt("a", f)', 'if false {'], no: ['\tm.FIt("a")', '\tif falsely {'] },
    suppression: { yes: ['f() // nolint', 'f() //nolint'], no: ['nolint()'] },
  },
  'a.rs': {
    assertion: {
      yes: ['assert!(a)', 'assert! (a)', 'assert_eq!(a, b)', 'debug_assert(); assert_ne! (a, b)'],
      no: ['assert(a)'],
    },
    suppression: { yes: ['#[ allow(a)]', '#[allow (a)]', '#![expect(a)]'], no: ['allow(a)'] },
  },
  'a.kt': {
    test: { yes: ['should("a") {', '  test("a") {'], no: ['x.should("a")', '@Testcontainers'] },
    assertion: { yes: ['assertEquals (1, a)', 'a shouldNotBe 1', 'a.shouldHaveSize(1)'], no: ['shoulder(1)'] },
    skip: { yes: ['enabled=false', 'enabled = false', '@DisabledOnOs(A)'], no: ['isEnabled() == false'] },
  },
  'a.rb': {
    comment: { yes: ['# a', '  # a'], no: ["it 'a' do # b"] },
    test: {
      yes: ["xit 'a' do", "fit 'a' do", "it('a') { }", 'it { is_expected.to be }', "it 'a' do", '  def test_a'],
      no: ["x.it 'a'", 'it = 3', 'x = "def test_a"', "visit '/a'"],
    },
    assertion: {
      yes: ['refute a', 'refute_nil a', 'a.must_equal 3', 'a.wont_be_nil', 'assert_equal 1, a', 'assert a'],
      no: ['expected = 1', 'musty = 1'],
    },
    skip: {
      yes: [
        "xit 'a' do",
        "  fit 'a' do",
        'skip',
        "it 'a',:focus do",
        "it 'a', :skip, type: :job do",
        "it('a', focus: 1) {",
      ],
      no: ['profit = 3', 'puts skip', 'create(:order, :pending)', 'let(:o) { create(:order, pending: true) }'],
    },
    suppression: { yes: ['#typed:ignore', '# typed: ignore'], no: ['typed = ignore'] },
  },
  'a.cs': {
    assertion: { yes: ['a.ShouldBe(3)', 'a.Should().Be(3)', 'm.Verify(f)', 'm.VerifyAll()'], no: ['Asserted.A()'] },
    skip: { yes: ['[Fact(Skip="a")]', '[Fact(Skip = "a")]', '  #if false', '#if 0'], no: ['#if DEBUG', 'a.Skip(3)'] },
  },
  'a.php': {
    comment: {
      yes: ['// a', ' * a', '    /** a', '# a'],
      no: [' * @test', '*@test', '/** @test */', '#[Test]', 'f(); // a'],
    },
    test: {
      yes: ['function testA ()', "  it('a', f)", "test('a', f)", '/** @test */'],
      no: ['$a->test(3)', 'x::it(3)'],
    },
    skip: { yes: ['if (false) {', '\t\tif (false) {'], no: ['if ($false) {'] },
  },
  'a.sh': {
    comment: { yes: ['# a', '  # a'], no: ['a=1 # b', '# bats test_tags=bats:focus'] },
    test: {
      yes: ['  @test "a" {', '@test "a" {', '  test_a() {', 'function test_a () {'],
      no: ['echo @test', 'echo test_a()'],
    },
    assertion: {
      yes: ['run assert_a', '\t[[ a = b ]]', '[ a = b ]', 'refute a'],
      no: ['echo assert', 'if [ -f a ]; then'],
    },
    weak: { yes: ['assert true', '  run assert true'], no: ['assert truth'] },
    skip: { yes: ['skip', '    skip "a"'], no: ['echo skip', 'skipped=1'] },
  },
}

const kinds: readonly Kind[] = ['comment', 'test', 'assertion', 'weak', 'skip', 'suppression']
const rows = Object.entries(lines).flatMap(([path, of]) =>
  kinds.flatMap(kind => [
    ...(of[kind]?.yes ?? []).map(line => [path, kind, line, true] as const),
    ...(of[kind]?.no ?? []).map(line => [path, kind, line, false] as const),
  ]),
)

it.each(rows)('in %s, as %s, %j: %s', (path, kind, line, expected) => {
  expect(languageOf(path)?.[kind].test(line)).toBe(expected)
})
