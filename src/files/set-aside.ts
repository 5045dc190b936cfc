import { lstatSync, renameSync } from 'node:fs'

/** Renames what is at `path`, even a dangling link, to the first free `<path>.before-<n>`. Overwrites nothing. */
export function setAside(path: string): void {
  if (!exists(path)) return
  let number = 1
  while (exists(`${path}.before-${number}`)) number++
  renameSync(path, `${path}.before-${number}`)
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
