import { shellWord } from '../../core/text.ts'
import { git } from '../git.ts'

/**
 * How a printed command starts that commits in the main checkout. With `core.safecrlf` git refuses a file that the host
 * wrote with LF where attributes ask for CRLF.
 */
export async function printedGit(root: string): Promise<string> {
  const here = `git -C ${shellWord(root)}`
  return (await refusesLineEnds(root)) ? `${here} -c core.safecrlf=false` : here
}

/** Besides git's words for false: `warn` only prints a warning, and an empty value is false. */
const refusesNothing = /^(?:false|no|off|0|warn|)$/i

/** `--type=bool` would fail on `warn`. With -z a setting without a value, which is true, is only its name. */
async function refusesLineEnds(root: string): Promise<boolean> {
  const found = await git(root, ['config', '-z', '--get-regexp', '^core\\.safecrlf$'])
  // The last of them is ours.
  const theirs = found.stdout.split('\0').slice(0, -1).at(-2)
  if (theirs === undefined) return false
  const [, value] = theirs.split('\n')
  return value === undefined || !refusesNothing.test(value)
}
