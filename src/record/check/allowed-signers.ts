import { quote } from '../../core/text.ts'
import type { Parsed } from '../schema.ts'
import { fingerprint } from '../sign/fingerprint.ts'
import { type PublicKey, readPublicKey } from './public-key.ts'

/** A line of a file in OpenSSH's allowed_signers format (ssh-keygen(1), ALLOWED SIGNERS). */
export interface AllowedSigner {
  /** As they are written: `alice@example.com` or a list of patterns. */
  readonly principals: string
  readonly key: PublicKey
  readonly keyid: string
  /** Patterns; null: any. */
  readonly namespaces: readonly string[] | null
  /** Milliseconds since the epoch; null: no limit. */
  readonly validAfter: number | null
  readonly validBefore: number | null
}

/** Refuses the whole file for one odd line: a limit that is not understood must not be lost. */
export function parseAllowedSigners(content: string): Parsed<readonly AllowedSigner[]> {
  const signers: AllowedSigner[] = []
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue
    const signer = parseLine(line.trim())
    if (!signer.ok) return { ok: false, why: `line ${index + 1}: ${signer.why}` }
    signers.push(signer.value)
  }
  return { ok: true, value: signers }
}

const keyType = /^(?:ssh-|sk-|ecdsa-)[\w@.-]+$/

function parseLine(line: string): Parsed<AllowedSigner> {
  // Words, in which quoted text may have blanks.
  const [principals = '', ...words] = line.match(/(?:"[^"]*"|[^\s"])+/g) ?? []
  const [first = '', ...more] = words
  const hasOptions = !keyType.test(first)
  const [type = '', base64 = ''] = hasOptions ? more : words
  if (!keyType.test(type) || base64 === '') {
    return { ok: false, why: 'expected principals, options if there are any, the type of the key and the key' }
  }
  const options = parseOptions(hasOptions ? first : '')
  if (!options.ok) return options
  const blob = Buffer.from(base64, 'base64')
  const key = readPublicKey(blob)
  if (!key.ok) return key
  if (key.value.type !== type) return { ok: false, why: `the key is of type ${key.value.type}, not ${type}` }
  const shown = principals.replaceAll('"', '')
  return { ok: true, value: { principals: shown, key: key.value, keyid: fingerprint(blob), ...options.value } }
}

type Options = Pick<AllowedSigner, 'namespaces' | 'validAfter' | 'validBefore'>

function parseOptions(text: string): Parsed<Options> {
  let options: Options = { namespaces: null, validAfter: null, validBefore: null }
  for (const option of text.match(/(?:"[^"]*"|[^,"])+/g) ?? []) {
    const [, name = '', value = ''] = /^([a-z-]+)="([^"]*)"$/i.exec(option) ?? []
    const at = timeOf(value)
    switch (name.toLowerCase()) {
      case 'namespaces':
        options = { ...options, namespaces: value.split(',') }
        break
      case 'valid-after':
      case 'valid-before':
        if (at === null) return { ok: false, why: `${name} is no time: ${quote(value, 60)}` }
        options = { ...options, [name.toLowerCase() === 'valid-after' ? 'validAfter' : 'validBefore']: at }
        break
      default:
        return { ok: false, why: `the option ${quote(option, 60)} is not supported` }
    }
  }
  return { ok: true, value: options }
}

/** `YYYYMMDD` or `YYYYMMDDHHMM[SS]`, in local time unless it ends in Z. */
function timeOf(value: string): number | null {
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = ''] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/.exec(value) ?? []
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`)
  return Number.isNaN(at) ? null : at
}

/** Patterns as in ssh_config(5): `*`, `?`, and `!` in front of one that excludes. */
export function matchesAny(text: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string) => {
    const source = pattern
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
    return new RegExp(`^${source}$`, 's').test(text)
  }
  const excluded = patterns.some(pattern => pattern.startsWith('!') && matches(pattern.slice(1)))
  return !excluded && patterns.some(pattern => !pattern.startsWith('!') && matches(pattern))
}
