import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../../package-folder.ts'

/**
 * Node 22.1 and newer can keep the code that it compiles, for the next start. What is kept there is run, so it is as good
 * as the program: it is kept beside the program, in a folder that only this user can write. Node's own choice, in the
 * temporary folder, can be prepared by other users of the machine.
 *
 * Where this is not possible, nothing is kept: an older Node, a package that is read-only or belongs to another user (as
 * root we would leave files behind that its owner cannot remove).
 */
export function keepCompiledCode(): void {
  const nodeModule = process.getBuiltinModule('node:module')
  if (!('enableCompileCache' in nodeModule) || typeof nodeModule.enableCompileCache !== 'function') return
  const program = join(packageFolder(), 'dist')
  const folder = join(program, '.compile-cache')
  try {
    if (lstatSync(program).uid !== process.getuid?.()) return
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // Does not throw. A folder that the user has chosen with NODE_COMPILE_CACHE stays.
    if (isOnlyOurs(folder)) nodeModule.enableCompileCache(folder)
  } catch {}
}

const writableByOthers = 0o022

function isOnlyOurs(folder: string): boolean {
  const found = lstatSync(folder)
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & writableByOthers) === 0
}
