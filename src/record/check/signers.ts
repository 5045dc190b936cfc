import { quote } from '../../core/text.ts'
import type { Parsed } from '../schema.ts'
import { type AllowedSigner, parseAllowedSigners } from './allowed-signers.ts'

/** Who may sign records. */
export interface Signers {
  readonly keys: readonly AllowedSigner[]
  readonly identities: readonly KeylessIdentity[]
}

/** A line of ours: `<principal> sigstore-identity <issuer> <subject>`. */
export interface KeylessIdentity {
  readonly principals: string
  /** URL of who names the subject: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string
  /** URI of the workflow, with its ref. It must be the same to the letter. */
  readonly subject: string
}

const word = 'sigstore-identity'

/** OpenSSH's format and our extension of it. One odd line makes all of it refused. */
export function parseSigners(content: string): Parsed<Signers> {
  const identities: KeylessIdentity[] = []
  const others: string[] = []
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    const [principals = '', kind, issuer = '', subject = '', ...more] = line.trim().split(/\s+/)
    const isIdentity = kind === word && !principals.startsWith('#')
    // The numbers of the lines stay.
    others.push(isIdentity ? '' : line)
    if (!isIdentity) continue
    if (![issuer, subject].every(uri => /^https:\/\/[^"]+$/.test(uri)) || more.length > 0) {
      const why = `expected <principal> ${word} <issuer> <subject>, both of them as https://…`
      return { ok: false, why: `line ${index + 1}: ${why}, not ${quote(line, 200)}` }
    }
    identities.push({ principals, issuer, subject })
  }
  const keys = parseAllowedSigners(others.join('\n'))
  return keys.ok ? { ok: true, value: { keys: keys.value, identities } } : keys
}
