import type { WpId } from '../../core/ids.ts'
import type { NextCommand } from '../../core/next-command.ts'
import type { PutBack } from '../events/event.ts'
import type { KeptChange } from '../git/workspace.ts'
import type { KeptLoss } from './keeper.ts'

/** What was put back, with how a person sees it and has it again. */
export function asEvent(wpId: WpId, { ref, since, patch }: KeptChange): PutBack {
  const number = ref.slice(ref.lastIndexOf('/') + 1)
  const next = [
    { command: `git diff ${since.slice(0, 10)} ${ref}`, why: 'shows the change' },
    { command: `sko kept ${wpId} --restore ${number}`, why: 'writes it into the worktree again' },
  ]
  return { wpId, kept: ref, since, patch, next }
}

export function showKept(wpId: WpId, kept: readonly Pick<KeptLoss, 'number'>[]): readonly NextCommand[] {
  return kept.map(({ number }) => ({ command: `sko kept ${wpId} --show ${number}`, why: 'shows what is kept' }))
}
