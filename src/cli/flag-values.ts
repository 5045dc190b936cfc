import { InvalidArgumentError } from 'commander'
import { isWpId } from '../core/ids.ts'

/** Parses the text of a flag. `before` is the value of earlier uses. Throws an error that commander prints. */
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
