/** Its first parents are the chain of records; further parents are the commits that a record names. */
export const attestationsRef = 'refs/sko/attestations'

/** Of the record in the tree of our ref. A slug is not trusted to be the name of a folder. */
export function recordPath(mission: string, commit: string): string {
  const folder = mission
    .replace(/[^\w.-]/gu, sign => encodeURIComponent(sign))
    .replace(/^\.+/, dots => '%2E'.repeat(dots.length))
  return `${folder || '%00'}/${commit}.json`
}

/** Of the keyless signature of a record: beside it, under a name that other tools know. */
export function bundlePath(record: string): string {
  return `${record.replace(/\.json$/, '')}${bundleEnd}`
}

export const bundleEnd = '.sigstore.json'
