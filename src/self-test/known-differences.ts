/**
 * Settings that are meant to change what git stores or sees, so they are left as the user set them. The sweep of all
 * settings in tests/self-test expects a difference from these only.
 */
const known: readonly (readonly [RegExp, string])[] = [
  [/^filter\./i, 'a filter decides which bytes a commit holds, as git-lfs does'],
  [/^core\.(?:autocrlf|eol)$/i, 'line endings are stored and checked out as you chose'],
  [/^core\.safecrlf$/i, "the printed commits of the host's files switch it off, because git would refuse them"],
  [/^diff\.[^.]+\.binary$/i, 'a diff driver says which files are text'],
  [/^core\.attributesfile$/i, 'attributes decide which bytes a commit holds'],
  [/^core\.excludesfile$/i, 'what you ignore everywhere is not committed'],
  [/^core\.(?:loose)?compression$/i, 'a patch of a binary file holds the same bytes, compressed differently'],
  [/^core\.(?:filemode|symlinks|ignorecase|precomposeunicode)$/i, 'it describes what your disk supports'],
]

/** null: this setting should change nothing. */
export function knownDifference(key: string): string | null {
  return known.find(([pattern]) => pattern.test(key))?.[1] ?? null
}
