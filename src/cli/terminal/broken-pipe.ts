/** A closed pipe (`sko … | head`) must not end a run that costs money. */
export function ignoreBrokenPipes(): void {
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
}
