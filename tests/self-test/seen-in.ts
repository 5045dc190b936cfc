import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Observation, setStage } from '../../src/self-test/replay.ts'
import type { RepositoryFormat } from '../../src/self-test/seed.ts'

/** What a replay without settings comes to; `bin` is the folder of another git. */
export async function seenIn(format: RepositoryFormat, bin?: string): Promise<Observation> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sko-settings-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = bin === undefined ? process.env.PATH : `${bin}:${process.env.PATH}`
  const stage = await setStage(folder, { ...process.env, PATH: path }, format)
  return stage.replay({ settings: [], env: stage.bare })
}
