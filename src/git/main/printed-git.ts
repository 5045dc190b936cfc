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

async function refusesLineEnds(root: string): Promise<boolean> {
  const found = await git(root, ['config', '--get-all', 'core.safecrlf'])
  // Ours is the last of them.
  return found.stdout.split('\n').at(-2) === 'true'
}
