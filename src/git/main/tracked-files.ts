import { shownPath } from '../kept/tree-changes.ts'
import { list } from '../list.ts'

/** The paths that the index of the main checkout has. */
export async function trackedFiles(root: string): Promise<readonly string[]> {
  return (await list(root, ['ls-files', '-z'], {})).map(shownPath)
}
