import { resume } from '../../core/next-command.ts'
import type { Outcome } from '../../core/work-package/step.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { GitError } from '../git-error.ts'

/** Problems of the whole machine, which every other WP would have too. */
const ofTheMachine = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM']

/** The same in messages of git. */
const outOfRoom = /No space left on device|Disk quota exceeded|Read-only file system/

/** Codes of `OrchestratorError` that concern one worktree or the files of one attempt. */
const ofOneWp = ['path-outside-repository', 'attempt-unwritable']

/**
 * The reason when one lane worktree or the files of one attempt are broken: a person is needed for that WP, and the others
 * continue. An agent can break both. Throws errors that concern the whole run, and bugs.
 */
export function ownTrouble(error: unknown): string {
  if (error instanceof GitError && outOfRoom.test(error.message)) throw outOfResources(error.message)
  if (error instanceof GitError) return `in its lane worktree, ${error.message}`
  if (error instanceof OrchestratorError && ofOneWp.includes(error.code)) return `${error.message}: ${error.hint}`
  if (!isSystemError(error)) throw error
  if (ofTheMachine.includes(error.code)) throw outOfResources(error.message)
  return `its lane worktree or log folder changed while sko used it: ${error.message}`
}

/** Messages of git about a lock or a lack of resources. */
const passingInGit =
  /\.lock'|no space left|disk quota|read-only file system|too many open files|resource temporarily|cannot allocate|permission denied/i

/** The reason if it may pass by itself, such as a lock or a full disk; otherwise null. */
export function passingTrouble(error: unknown): string | null {
  if (error instanceof GitError)
    return passingInGit.test(error.message) ? `in its lane worktree, ${error.message}` : null
  if (isSystemError(error) && ofTheMachine.includes(error.code)) return error.message
  return null
}

export function haltOnOwnTrouble(error: unknown, laneBranch: string | null): Outcome {
  const cure = error instanceof GitError ? error.cureOn(laneBranch) : null
  return { kind: 'halted', halt: { kind: 'left-alone', reason: ownTrouble(error), ...(cure === null ? {} : { cure }) } }
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}

function outOfResources(message: string): OrchestratorError {
  return new OrchestratorError({
    code: 'out-of-resources',
    exitCode: exitCodes.needsPerson,
    message,
    hint: 'make room, or raise the limit that the message names',
    next: [{ command: resume, why: 'continues the run after that' }],
  })
}
