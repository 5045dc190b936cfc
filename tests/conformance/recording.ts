import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const folder = fileURLToPath(new URL('../../fixtures/host', import.meta.url))

const recordingSchema = z.object({
  argv: z.array(z.string()),
  exit_code: z.int(),
  stdout: z.union([z.record(z.string(), z.unknown()), z.string()]),
  stderr: z.string(),
  stdout_raw_lines: z.array(z.string()).optional(),
  input: z.any().optional(),
})

/** One recorded call of the real host. */
export interface Recording {
  /** `<command>/<case>` */
  readonly name: string
  readonly command: string
  /** After the program name and, where it is one, `orchestrator-api <verb>`. */
  readonly flags: readonly string[]
  /** Added by hand to a success: what the client is given for these flags and the actor `a1`. */
  readonly input: z.infer<typeof recordingSchema>['input']
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** The envelope as recorded; null where the host printed none. */
  readonly envelope: Readonly<Record<string, unknown>> | null
}

export function recordings(): readonly Recording[] {
  return readdirSync(folder).flatMap(command => readdirSync(`${folder}/${command}`).map(file => read(command, file)))
}

function read(command: string, file: string): Recording {
  const text = readFileSync(`${folder}/${command}/${file}`, 'utf8')
  const recorded = recordingSchema.parse(JSON.parse(text))
  const envelope = typeof recorded.stdout === 'string' ? null : recorded.stdout
  const lines = recorded.stdout_raw_lines ?? (envelope === null ? [] : [JSON.stringify(envelope)])
  return {
    name: `${command}/${file.replace(/\.json$/, '')}`,
    command,
    flags: recorded.argv.slice(3),
    input: recorded.input,
    exitCode: recorded.exit_code,
    stdout: lines.map(line => `${line}\n`).join(''),
    stderr: recorded.stderr,
    envelope,
  }
}
