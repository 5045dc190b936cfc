import { continueAfterThat } from '../../core/next-command.ts'
import type { Outcome } from '../../core/work-package/step.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import type { GitFailure } from '../git/git-outcome.ts'
import { type GitWork, outcomeOf } from '../git/git-work.ts'

/** Problems of the whole machine, which every other WP would have too. */
const ofTheMachine = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM']

/** The same in messages of git. */
const outOfRoom = /No space left on device|Disk quota exceeded|Read-only file system/

/** Codes of `OrchestratorError` that concern one worktree or the files of one attempt. */
const ofOneWp = ['path-outside-repository', 'attempt-unwritable']

/** Messages of git about a lock or a lack of resources. */
const passingInGit =
  /\.lock'|no space left|disk quota|read-only file system|too many open files|resource temporarily|cannot allocate|permission denied/i

/** What keeps a step from its end although neither the host nor an agent has failed. An agent can cause it. */
export interface OwnTrouble {
  readonly reason: string
  /** It may pass by itself, such as a lock or a full disk. */
  readonly passes: boolean
  /** The message, if it is one of the whole machine, which every other WP would have too. */
  readonly ofMachine: string | null
  readonly cureOn: GitFailure['cureOn']
}

/** Does the work of a step. `onTrouble` decides what it means that git or the system stopped it. */
export async function untilTrouble<T>(work: GitWork<T>, onTrouble: (trouble: OwnTrouble) => T): Promise<T> {
  let trouble: OwnTrouble
  try {
    const reached = await outcomeOf(work)
    if (reached.ok) return reached.data
    trouble = troubleOfGit(reached)
  } catch (error) {
    trouble = troubleOf(error)
  }
  return onTrouble(trouble)
}

function troubleOfGit({ message, cureOn }: GitFailure): OwnTrouble {
  const ofMachine = outOfRoom.test(message) ? message : null
  return { reason: `in its lane worktree, ${message}`, passes: passingInGit.test(message), ofMachine, cureOn }
}

/** Throws errors that concern the whole run, and bugs. */
export function troubleOf(error: unknown): OwnTrouble {
  const trouble = { passes: false, ofMachine: null, cureOn: () => null }
  if (error instanceof OrchestratorError && ofOneWp.includes(error.code)) {
    return { ...trouble, reason: `${error.message}: ${error.hint}` }
  }
  if (!isSystemError(error)) throw error
  const { message } = error
  if (ofTheMachine.includes(error.code)) return { ...trouble, reason: message, passes: true, ofMachine: message }
  return { ...trouble, reason: `its lane worktree or log folder changed while sko used it: ${message}` }
}

/** Why a person is needed for this WP while the others continue. Throws when it is the machine's trouble. */
export function whyHalted({ reason, ofMachine }: OwnTrouble): string {
  if (ofMachine !== null) throw outOfResources(ofMachine)
  return reason
}

export function haltOnOwnTrouble(trouble: OwnTrouble, laneBranch: string | null): Outcome {
  const cure = trouble.cureOn(laneBranch)
  return {
    kind: 'halted',
    halt: { kind: 'left-alone', reason: whyHalted(trouble), ...(cure === null ? {} : { cure }) },
  }
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
    next: [continueAfterThat],
  })
}
