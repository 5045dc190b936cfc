import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findDilutions, pathsToRead } from '../../../../src/core/judgement/dilution/find-dilutions.ts'
import { readPatch } from '../../../../src/core/judgement/dilution/read-patch.ts'
import { change } from './patches.ts'

const read = (lines: readonly string[], cut = false) => readPatch({ text: `${lines.join('\n')}\n`, cut })
const line = (at: number, text: string) => ({ line: at, text })

describe('a patch', () => {
  it('gives the lines of each file, with their place in the new version', () => {
    const patch = [
      'diff --git a/a b.ts b/a b.ts',
      'index 1..2 100644',
      '--- a/a b.ts\t',
      '+++ b/a b.ts\t',
      '@@ -3,2 +3 @@ function f() {',
      '-one',
      '--- a/two',
      '+three',
      '@@ -9 +8,0 @@',
      '-nine',
      '@@ -20,0 +20,2 @@',
      '+diff --git a/x b/x',
      '++++ b/y',
      '\\ No newline at end of file',
      'diff --git a/gone.ts b/gone.ts',
      'deleted file mode 100644',
      '--- a/gone.ts',
      '+++ /dev/null',
      '@@ -1 +0,0 @@',
      '-x',
    ]
    expect(read(patch)).toEqual([
      {
        path: 'a b.ts',
        from: null,
        removed: [line(3, 'one'), line(3, '-- a/two'), line(8, 'nine')],
        added: [line(3, 'three'), line(20, 'diff --git a/x b/x'), line(21, '+++ b/y')],
      },
      { path: 'gone.ts', from: null, removed: [line(1, 'x')], added: [] },
    ])
    expect(read(patch, true).map(({ path }) => path)).toEqual(['a b.ts'])
    const three = ['a', 'b', 'c'].map(name => `diff --git a/${name} b/${name}`)
    expect(read(three, true).map(({ path }) => path)).toEqual(['a', 'b'])
  })

  it.each([
    ['a rename', ['diff --git a/a b/b', 'rename from a', 'rename to b'], 'b', 'a'],
    [
      'a rename of quoted names',
      ['diff --git "a/\\303\\244" "b/\\n"', 'rename from "\\303\\244"', 'rename to "\\n"'],
      '\n',
      'ä',
    ],
    [
      'a rename of what is no text',
      ['diff --git a/a b/a +++ b/x', 'rename from a', 'rename to a +++ b/x', 'Binary files a/a and b/a +++ b/x differ'],
      'a +++ b/x',
      'a',
    ],
    ['quotes', ['diff --git "a/\\"a\\"" "b/\\"a\\""', 'new file mode 100644'], '"a"', null],
    ['a name with quotes in it', ['diff --git a/b"a" b/b"a"', 'new file mode 100644'], 'b"a"', null],
    ['a mode', ['diff --git a/a b/c b/a b/c', 'old mode 100644', 'new mode 100755'], 'a b/c', null],
    ['an empty file', ['diff --git "a/\\"\\\\\\t.ts" "b/\\"\\\\\\t.ts"', 'new file mode 100644'], '"\\\t.ts', null],
    [
      'a new file',
      ['diff --git a/n b/n', 'new file mode 100644', '--- /dev/null', '+++ b/n', '@@ -0,0 +1 @@', '+x'],
      'n',
      null,
    ],
  ])('names the file of %s', (_, lines, path, from) => {
    expect(read(lines)).toMatchObject([{ path, from }])
  })

  it('without a name that can be read is left out', () => {
    expect(read(['text before', 'diff --git a/a b/b', 'diff --git a/ab', '@@ -1 +1 @@', '+x'])).toEqual([])
  })
})

describe('what is read', () => {
  it('is tests first, then checks, fixtures and code, and 500 files at most', () => {
    const paths = [
      'src/a.ts',
      'tests/fixtures/a.json',
      'package.json',
      'check.sh',
      'a.test.ts',
      'README.md',
      'a/b.png',
      'vendor/a.js',
    ]
    const changes = paths.map(path => change(path, 'modified'))
    expect(pathsToRead(changes, ['sh check.sh'])).toEqual([
      'a.test.ts',
      'check.sh',
      'package.json',
      'tests/fixtures/a.json',
      'src/a.ts',
    ])
    const many = Array.from({ length: 600 }, (_, n) => change(`src/${n}.ts`, 'modified'))
    expect(pathsToRead([...many, change('a.test.ts', 'modified')], [])).toHaveLength(500)
    expect(pathsToRead([...many, change('a.test.ts', 'modified')], [])[0]).toBe('a.test.ts')
    expect(
      pathsToRead(
        [
          { ...change('a.test.ts', 'modified'), mode: '160000' },
          ...['png', 'jpg', 'jpeg', 'gif'].map(kind => change(`tests/fixtures/a.${kind}`, 'modified')),
          change('tests/fixtures/a.png.txt', 'modified'),
        ],
        [],
      ),
    ).toEqual(['tests/fixtures/a.png.txt'])
  })

  it('what was not read is a question, and a removal needs no reading', () => {
    const changes = [
      change('a.test.ts', 'modified'),
      change('src/a.ts', 'added'),
      change('package.json', 'modified'),
      change('tsconfig.json', 'modified'),
      change('b.test.ts', 'removed'),
      change('src/gone.ts', 'removed'),
      change('tests/fixtures/a.png', 'modified'),
      change('tests/fixtures/b.png', 'removed'),
      change('tests/fixtures/c.png', 'added'),
      change('README.md', 'modified'),
      { ...change('lib', 'modified'), mode: '160000' },
      { ...change('tests/lib.py', 'modified'), mode: '160000' },
    ]
    const found = findDilutions({ changes, patch: { text: '', cut: true } }, [])
    expect(found.map(({ kind, file }) => `${kind} ${file}`)).toEqual([
      'test-removed b.test.ts',
      'fixture-removed tests/fixtures/b.png',
      'fixture-changed tests/fixtures/a.png',
      'not-read a.test.ts',
      'not-read src/a.ts',
      'not-read package.json',
      'not-read tsconfig.json',
    ])
  })

  it('a file with the same content elsewhere was moved', () => {
    const moved = [
      change('tests/fixtures/a.png', 'removed', 'x'),
      { ...change('old/a.png', 'added'), after: 'before x' },
    ]
    expect(findDilutions({ changes: moved, patch: { text: '', cut: false } }, [])).toEqual([
      { kind: 'fixture-removed', file: 'tests/fixtures/a.png', line: null, excerpt: 'now old/a.png' },
    ])
  })

  it('a hundred are listed, and how many more there are', () => {
    const changes = Array.from({ length: 130 }, (_, n) => change(`tests/${n}.test.ts`, 'removed'))
    const found = findDilutions({ changes, patch: { text: '', cut: false } }, [])
    expect(found).toHaveLength(101)
    expect(found.at(-1)).toEqual({ kind: 'others', file: '30 more', line: null, excerpt: '' })
    expect(findDilutions({ changes: changes.slice(0, 100), patch: { text: '', cut: false } }, [])).toHaveLength(100)
  })

  it('never throws', () => {
    const part = fc.constantFrom(
      'diff --git a/a.test.ts b/a.test.ts',
      '@@ -1 +1 @@',
      '-it(',
      '+',
      '--- ',
      '+++ b/x',
      'rename to "\\',
      '"a\\3"',
      '\\',
      'fail_under = 9',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string())), fc.string(), fc.boolean(), (lines, path, cut) => {
        const changes = [change('a.test.ts', 'modified'), change(path, 'removed'), change(`${path}.py`, 'added')]
        findDilutions({ changes, patch: { text: lines.join('\n'), cut } }, [path])
      }),
      { numRuns: 300 },
    )
  })
})
