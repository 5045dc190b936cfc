/** A path in the configuration: keys and list indices from the top. */
export type KeyPath = readonly (string | number)[]

/** `agents.settings.codex.args[0]`; a key with other characters is quoted. */
export function showPath(path: KeyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      if (!/^[\w-]{1,60}$/.test(part)) return `[${showText(part)}]`
      return index === 0 ? part : `.${part}`
    })
    .join('')
}

/** A value of the file in short form on one line. Lists and mappings are only named: they may be long or cyclic. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'string') return showText(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'a list' : 'a mapping'
}

export function showText(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text
  return printable(JSON.stringify(short))
}

/** Escapes characters that would move the cursor, be invisible or change the writing direction. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, character => {
    const code = character.codePointAt(0) ?? 0
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

export function valueAt(root: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (value, part) => (isMapping(value) || Array.isArray(value) ? own(value, part) : undefined),
    root,
  )
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(value: object, key: string | number): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value
}
