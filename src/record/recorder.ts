import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { canonicalJson, withoutEnvValues } from '../core/record/canonical-json.ts'
import type { ReviewRecord } from '../core/record/review-record.ts'
import { realPlace } from '../files/real-place.ts'
import { createAttestations } from '../git/attestations/attestations.ts'
import { outcomeOf } from '../run/git/git-work.ts'
import type { Recorder } from '../run/record/recorder.ts'
import { packageVersion } from '../version.ts'
import { combined } from './combined.ts'
import { openSigning } from './sign/open-signing.ts'
import { storeRecord } from './store-record.ts'

interface RecorderOptions {
  readonly root: string
  readonly kittify: string
  /** The folder of the run's logs. */
  readonly logs: string
  readonly runId: string
  /** ISO 8601 */
  readonly startedAt: string
  readonly mission: ReviewRecord['mission']
  readonly config: { readonly record: { readonly sign: string | null } }
  readonly env: Readonly<NodeJS.ProcessEnv>
}

/** The `recorder` port. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { root, config, env } = options
  const attestations = createAttestations(root)
  const { sign: key } = config.record
  const signing = key === null ? null : () => openSigning({ key, from: root, env })
  return {
    facts: () => ({
      skoVersion: packageVersion(),
      runId: options.runId,
      startedAt: options.startedAt,
      recordedAt: new Date().toISOString(),
      mission: options.mission,
      configurationSha256: sha256(canonicalJson(withoutEnvValues(config))),
      folders: foldersOf(root),
    }),
    store: (record, parents) =>
      outcomeOf(storeRecord(record, parents, { ...options, attestations, openSigning: signing })),
    share: remote => attestations.push(remote, combined),
  }
}

function foldersOf(root: string): readonly (readonly [string, string])[] {
  const home = homedir()
  const folders: readonly (readonly [string, string])[] = [
    [root, '.'],
    [realPlace(root), '.'],
    [home, '~'],
    [realPlace(home), '~'],
  ]
  return folders.filter(([path]) => path.length > 1).toSorted(([a], [b]) => b.length - a.length)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
