import { describe, expect, it } from 'vitest'
import { ownedBy } from '../../../../src/run/steps/files/owned-files.ts'

const owns = (ownedFiles: readonly string[], path: string, codebaseWide = false) =>
  ownedBy({ subtasks: [], ownedFiles, codebaseWide })(path)

describe('a WP owns', () => {
  it.each([
    [true, 'src/a.ts', 'src/a.ts'],
    [false, 'src/a.ts', 'src/a.tsx'],
    [false, 'src/a.ts', 'lib/src/a.ts'],
    [true, './src/a.ts', 'src/a.ts'],
    [true, 'src/**', 'src/a/b.ts'],
    [true, 'src/**', 'src/.hidden/b'],
    [false, 'src/**', 'srcs/a.ts'],
    [true, 'src/**/*.ts', 'src/a.ts'],
    [true, 'src/**/*.ts', 'src/a/b/c.ts'],
    [false, 'src/**/*.ts', 'src/a.js'],
    [true, 'src/', 'src/a/b.ts'],
    [true, 'src', 'src/a/b.ts'],
    [true, 'src/*', 'src/a/b.ts'],
    [true, 'src/*.ts', 'src/a/b.ts'],
    [true, 'src/?.ts', 'src/a.ts'],
    [true, 'src/{a,b}.ts', 'src/b.ts'],
    [false, 'src/{a,b}.ts', 'src/c.ts'],
    [true, 'app/[id]/page.tsx', 'app/[id]/page.tsx'],
    [true, 'app/(auth)/**', 'app/(auth)/login.tsx'],
    [true, '@scope/a b.ts', '@scope/a b.ts'],
    [true, '**', '.github/workflows/ci.yml'],
    [false, '!src/gen/**', 'src/a.ts'],
    [false, '/', 'src/a.ts'],
    [false, 'x'.repeat(70_000), 'src/a.ts'],
    [false, '**', 'kitty-specs/001-demo/tasks.md'],
    [false, 'kitty-specs/**', 'kitty-specs/001-demo/tasks.md'],
    [false, '.kittify/config.yaml', '.kittify/config.yaml'],
    [true, '**', 'docs/kitty-specs/tasks.md'],
  ])('%s: %s, %s', (expected, pattern, path) => {
    expect(owns([pattern], path)).toBe(expected)
  })

  it.each([
    ['one of several', ['src/a.ts', 'docs/**'], false, 'docs/a.md', true],
    ['everything, where its file says nothing', [], false, 'docs/a.md', true],
    ['nothing of the host and of ours all the same', [], false, '.kittify/x', false],
    ['everything, where the host calls it codebase-wide', ['src/a.ts'], true, 'docs/a.md', true],
  ])('%s', (_, patterns, wide, path, expected) => {
    expect(owns(patterns, path, wide)).toBe(expected)
  })
})
