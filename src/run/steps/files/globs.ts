import picomatch from 'picomatch'

/** A glob in which `**` may match no folder, a name may begin with a dot, and `!` and `(` are plain characters. */
export function globMatcher(pattern: string, options: { readonly nocase?: boolean } = {}): (path: string) => boolean {
  try {
    return picomatch(pattern, { dot: true, bash: true, nonegate: true, noextglob: true, ...options })
  } catch {
    // Too long or empty for a glob: compare it as a name only.
    return () => false
  }
}

/** `./src/` and `src/**` name the folder `src`. */
export function withoutDot(pattern: string): string {
  return pattern.replace(/^(?:\.\/)+/, '')
}

export function folderOf(pattern: string): string {
  return pattern.replace(/\/\*{1,2}$/, '').replace(/\/+$/, '')
}
