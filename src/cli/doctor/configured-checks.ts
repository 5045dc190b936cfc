import type { Config } from '../../config/schema.ts'
import { listed } from '../../core/format.ts'
import { quote } from '../../core/text.ts'
import { trackedFiles } from '../../git/main/tracked-files.ts'
import { protects } from '../../run/steps/files/protected-files.ts'
import type { CheckResult } from './checks.ts'

/** What `checks` of the configuration does here. Nothing where it is empty. */
export async function configuredChecks(root: string, { checks }: Config): Promise<readonly CheckResult[]> {
  const { run, protect, also_base } = checks
  if (run.length === 0 && protect.length === 0) return []
  const files = protect.length === 0 ? [] : await trackedFiles(root)
  const idle = protect.filter(pattern => !files.some(protects([pattern])))
  const held = files.filter(protects(protect)).length
  const how = also_base ? ', also run as the base has them' : ''
  const guarded = protect.length === 0 ? [] : [`${held} ${held === 1 ? 'file' : 'files'} protected${how}`]
  const commands = run.length === 0 ? [] : [`run ${listed(run.map(command => quote(command, 100)))}`]
  const names = idle.map(pattern => quote(pattern, 100))
  const hint = idle.length === 0 ? null : `no file matches this in checks.protect: ${listed(names)}`
  return [{ check: 'checks', ok: true, detail: [...commands, ...guarded].join('; '), hint, next: [] }]
}
