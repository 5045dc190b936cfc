/** Flags that switch an agent's own safeguards off; the host refuses a policy that names one. */
export const forbiddenFlags = [
  '--full-auto',
  '--yolo',
  '--dangerously-bypass-approvals-and-sandbox',
  '--dangerously-skip-permissions',
] as const

/**
 * The first forbidden flag in an argument list, or null. `--flag=value` counts, and so does a flag inside a command line
 * that is one argument (`sh -c 'tool --yolo'`).
 */
export function forbiddenFlagIn(args: readonly string[]): string | null {
  const words = args.flatMap(arg => arg.split(/[\s'"`;|&()]+/))
  return forbiddenFlags.find(flag => words.some(word => word === flag || word.startsWith(`${flag}=`))) ?? null
}
