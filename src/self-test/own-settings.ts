import { tmpdir } from 'node:os'
import { gitOrThrow } from '../git/git.ts'
import { ownEnvironment, variablesOfGit } from './environment.ts'
import type { GitSetting, Scope } from './settings.ts'

/** A setting or variable of the user that git reads. */
export type Suspect =
  | { readonly kind: 'setting'; readonly setting: GitSetting }
  | { readonly kind: 'variable'; readonly name: string; readonly value: string }

/** Settings that define the kind of repository; they would change what the scratch repository is. */
const ofRepositoryAlone = /^(?:core\.(?:repositoryformatversion|bare|worktree)|extensions\..*)$/i

/** Their values are in the list too. */
const including = /^include(?:if\..*)?\.path$/i

const scopes: readonly string[] = ['system', 'global', 'local', 'worktree'] satisfies readonly Scope[]

/** All settings that apply in the project (or outside any project), and all variables that git reads. */
export async function ownSuspects(project: string | null): Promise<readonly Suspect[]> {
  const list = await gitOrThrow(project ?? tmpdir(), ['config', '--list', '--show-scope', '-z'])
  const settings = parseList(list).filter(({ key }) => !ofRepositoryAlone.test(key) && !including.test(key))
  const variables = variablesOfGit(ownEnvironment())
  return [
    ...settings.map(setting => ({ kind: 'setting' as const, setting })),
    ...variables.map(([name, value]) => ({ kind: 'variable' as const, name, value })),
  ]
}

/** `scope NUL key LF value NUL`, without LF if there is no value. */
function parseList(list: string): readonly GitSetting[] {
  const parts = list.split('\0')
  const settings: GitSetting[] = []
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [scope = '', entry = ''] = [parts[index], parts[index + 1]]
    const end = entry.indexOf('\n')
    const key = end === -1 ? entry : entry.slice(0, end)
    if (isScope(scope)) settings.push({ scope, key, value: end === -1 ? null : entry.slice(end + 1) })
  }
  return settings
}

function isScope(name: string): name is Scope {
  return scopes.includes(name)
}
