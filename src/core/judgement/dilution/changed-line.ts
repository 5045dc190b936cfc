export interface ChangedLine {
  /** In the new version of the file; of a removed line, where it was. */
  readonly line: number
  readonly text: string
}

export interface Lines {
  readonly removed: readonly ChangedLine[]
  readonly added: readonly ChangedLine[]
}
