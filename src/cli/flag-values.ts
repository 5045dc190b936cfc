import { InvalidArgumentError } from 'commander'
import { isWpId } from '../core/ids.ts'

/** The value of a flag, from its text and what earlier uses of the flag gave. Throws what commander shows. */
export type FlagValue = (text: string, before: unknown) => unknown

export function collect(text: string, before: unknown): readonly unknown[] {
  return [...(Array.isArray(before) ? before : []), text]
}

export function collectWp(text: string, before: unknown): readonly unknown[] {
  if (!isWpId(text)) throw new InvalidArgumentError('A work package id looks like WP01.')
  return collect(text, before)
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}

export function amount(text: string): number {
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('Expected a positive number.')
  return Number(text)
}
