/** The fields of SSH's wire encoding: each is preceded by its length in four bytes. null: the bytes are not such fields. */
export function sshFields(bytes: Uint8Array): readonly Uint8Array[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fields: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return null
    const end = at + 4 + view.getUint32(at)
    if (end > bytes.length) return null
    fields.push(bytes.subarray(at + 4, end))
    at = end
  }
  return fields
}

/** The other direction. */
export function sshEncoded(...fields: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, field) => sum + 4 + field.length, 0))
  const view = new DataView(bytes.buffer)
  fields.reduce((at, field) => {
    view.setUint32(at, field.length)
    bytes.set(field, at + 4)
    return at + 4 + field.length
  }, 0)
  return bytes
}
