const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/
const slugEnd = /-([0-7][0-9A-HJKMNP-TV-Z]{7})$/

/** The `mission_id` of a mission's `meta.json`; null when it has none, as in missions from before mission ids. */
export function missionIdIn(meta: unknown): string | null {
  const id = typeof meta === 'object' && meta !== null && 'mission_id' in meta ? meta.mission_id : null
  return typeof id === 'string' && ulid.test(id) ? id : null
}

/**
 * Another spelling of a handle that the host did not find. Measured (3.2.7): it reads names and ids as they are written,
 * ids in upper case. null: there is none.
 */
export function otherSpelling(handle: string, names: readonly string[]): string | null {
  const [name, ...others] = names.filter(known => known.toLowerCase() === handle.toLowerCase())
  const upper = handle.toUpperCase()
  const spelling = name !== undefined && others.length === 0 ? name : isId(upper) ? upper : handle
  return spelling === handle ? null : spelling
}

/**
 * The missions that a handle can stand for: their slug without the id at its end, or that id, the first eight characters
 * of `mission_id`. Missions that were planned in the same second have the same eight.
 */
export function missionsMeant(handle: string, names: readonly string[]): readonly string[] {
  return names.filter(name => {
    const [end, id] = slugEnd.exec(name) ?? []
    return end !== undefined && (name.slice(0, -end.length) === handle || id === handle)
  })
}

function isId(text: string): boolean {
  return ulid.test(text) || slugEnd.test(`-${text}`)
}
