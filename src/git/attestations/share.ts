import { attestationsRef } from '../../core/record/stored.ts'
import { causeIn, git } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitWrite } from '../git-write.ts'
import { withoutReplaceRefs } from '../history/trees.ts'
import { commitOnChain, contentOf, type Files, filesOf, moveRef, store, tipOf } from './chain.ts'

/** Makes one record of two versions of it: each has signatures that the other lacks. */
export type Combine = (ours: string, theirs: string) => string

/** A push waits for a network, and for a server's own checks. */
const remoteSeconds = 120
/** Others may push at the same time. */
const mostTries = 3

/**
 * Pushes our ref, never by force. Other machines add records too, so what the remote has is joined first. Returns the
 * reason when the remote refuses it, or null.
 */
export async function share(root: string, remote: string, combine: Combine): Promise<string | null> {
  for (let tries = 1; ; tries++) {
    const theirs = await fetchTheirs(root, remote)
    if (typeof theirs === 'string') await join(root, theirs, combine)
    else if (theirs !== null) return theirs.why
    const args = ['push', '--no-verify', '--', remote, `${attestationsRef}:${attestationsRef}`]
    const pushed = await git(root, args, { timeoutSeconds: remoteSeconds })
    if (pushed.ok) return null
    const why = /^ ! .*$/m.exec(pushed.stderr)?.[0].trim() ?? causeIn(pushed.stderr)
    if (tries === mostTries || !/non-fast-forward|fetch first|stale info/.test(why)) return why
  }
}

/** The commit that the remote has, fetched; null: it has none. */
async function fetchTheirs(root: string, remote: string): Promise<string | null | { readonly why: string }> {
  const listed = await git(root, ['ls-remote', '--', remote, attestationsRef], { timeoutSeconds: remoteSeconds })
  if (!listed.ok) return { why: causeIn(listed.stderr) }
  const theirs = /^([\da-f]{40,64})\s/.exec(listed.stdout)?.[1]
  if (theirs === undefined) return null
  const copy = `refs/sko/fetched/attestations-${process.pid}`
  const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules']
  const args = ['fetch', ...flags, '--', remote, `+${attestationsRef}:${copy}`]
  const fetched = await git(root, args, { timeoutSeconds: remoteSeconds })
  if (!fetched.ok) return { why: causeIn(fetched.stderr) }
  const tip = await tipOf(root, copy)
  await gitWrite(root, ['update-ref', '--no-deref', '-d', copy])
  return tip
}

/** The first parent stays ours. */
async function join(root: string, theirs: string, combine: Combine): Promise<void> {
  for (let tries = 1; ; tries++) {
    const ours = await tipOf(root)
    if (ours === theirs || (ours !== null && (await isAncestor(root, theirs, ours)))) return
    const isAhead = ours === null || (await isAncestor(root, ours, theirs))
    if (isAhead ? await moveRef(root, theirs, ours) : await joined(root, ours, theirs, combine)) return
    if (tries === mostTries) throw new GitError(`${attestationsRef} is being moved by another program`)
  }
}

async function joined(root: string, ours: string, theirs: string, combine: Combine): Promise<boolean> {
  const base = await git(root, ['merge-base', ours, theirs], withoutReplaceRefs)
  const before = await filesOf(root, base.ok ? base.stdout.trim() : null)
  const files = await threeWay(
    root,
    { before, own: await filesOf(root, ours), their: await filesOf(root, theirs) },
    combine,
  )
  const message = 'Join the review records of a remote\n'
  return (await commitOnChain(root, { before: ours, files, parents: [theirs], message })) !== null
}

interface Versions {
  readonly before: Files
  readonly own: Files
  readonly their: Files
}

/** A record that only one side has changed is as that side has it; one that both have changed is combined. */
async function threeWay(root: string, { before, own, their }: Versions, combine: Combine): Promise<Files> {
  const files = new Map(own)
  for (const [path, theirs] of their) {
    const ours = own.get(path)
    if (ours === theirs || before.get(path) === theirs) continue
    if (ours === undefined || before.get(path) === ours) files.set(path, theirs)
    else {
      const content = await contentOf(root, [ours, theirs])
      files.set(path, await store(root, combine(content.get(ours) ?? '', content.get(theirs) ?? '')))
    }
  }
  return files
}

async function isAncestor(root: string, commit: string, of: string): Promise<boolean> {
  return (await git(root, ['merge-base', '--is-ancestor', commit, of], withoutReplaceRefs)).ok
}
