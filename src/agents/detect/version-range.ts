/** Numbers without leading zeros, so a date (`2026.08.25-3e8eec8`) does not match. */
const versionShape =
  /(?<![\w.-])v?((?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){2}(?:-[0-9A-Za-z][0-9A-Za-z.-]{0,40})?)(?!\.?[\w-])/

/** The first x.y.z in the text, with its pre-release if any; null: there is none. */
export function versionIn(said: string): string | null {
  return versionShape.exec(said)?.[1]?.replace(/\.$/, '') ?? null
}

/** At least the tested version, with the same first two numbers: CLIs change their flags with the second. */
export function testedRange(tested: string): string {
  const { major, minor } = parse(tested)
  return `>=${tested} <${major}.${minor + 1}.0`
}

export function isInTestedRange(version: string, tested: string): boolean {
  const found = parse(version)
  const ours = parse(tested)
  if (found.major !== ours.major || found.minor !== ours.minor) return false
  /** A pre-release precedes its version. */
  return found.patch > ours.patch || (found.patch === ours.patch && (!found.isPreRelease || version === tested))
}

function parse(version: string) {
  const [numbers = '', ...preRelease] = version.split('-')
  const [major = 0, minor = 0, patch = 0] = numbers.split('.').map(Number)
  return { major, minor, patch, isPreRelease: preRelease.length > 0 }
}
