import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from '../../process/inquiry.ts'
import type { SignInSigns } from '../../run/attempts/agent.ts'

/** `likely`: there is evidence of a sign-in; only the service knows whether it is still valid. */
export interface SignedIn {
  readonly answer: 'yes' | 'no' | 'likely' | 'unknown'
  /** The variable, file or command that shows it; never its content. */
  readonly sign: string | null
}

const unknown: SignedIn = { answer: 'unknown', sign: null }

/**
 * A command of the CLI is the best source, but only for what the CLI stores: a key in a variable works without it.
 * `status` runs that command; null: there is none.
 */
export async function lookForSignIn(
  signs: SignInSigns,
  around: { readonly env: Readonly<NodeJS.ProcessEnv>; readonly home: string },
  status: (() => Promise<Answer>) | null,
): Promise<SignedIn> {
  const answer = status ? await status() : null
  const command = signs.statusArgs?.join(' ') ?? ''
  if (answer?.kind === 'exited' && answer.exitCode === 0) return { answer: 'yes', sign: command }
  const variable = signs.env.find(name => around.env[name])
  if (variable) return { answer: 'likely', sign: variable }
  if (answer?.kind === 'exited') return { answer: 'no', sign: command }
  const file = signs.files.find(path => isFile(inHome(path, around.home)))
  return file ? { answer: 'likely', sign: file } : unknown
}

function inHome(path: string, home: string): string {
  return path.startsWith('~/') ? join(home, path.slice(2)) : path
}

function isFile(path: string): boolean {
  try {
    const found = statSync(path)
    return found.isFile() && found.size > 0
  } catch {
    return false
  }
}
