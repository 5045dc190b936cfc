/** The commands that follow `Next:`, without the last, which resumes. */
export function nextCommands(stdout: string): readonly string[] {
  const lines = /^Next:\n((?: {2}.*\n?)+)/m.exec(stdout)?.[1]?.split('\n') ?? []
  return lines.map(line => line.trim()).filter(line => line !== '' && line !== 'sko resume')
}
