import { expect, it } from 'vitest'
import { runOnFailingDisk, writesOfARun } from '../cli/support/failing-disk.ts'

/** Every how manieth call is tried: 1 is all. */
const step = Number(process.env.SKO_DISK_STEP ?? 1)

/** The program's calls differ a little from run to run: some are made side by side. */
it.each([
  ['and stays full', { code: 'ENOSPC' }],
  ['in the middle of a write, and stays full', { code: 'ENOSPC', short: true }],
  ['for one call', { code: 'ENOSPC', once: true }],
] as const)(
  'the disk is full at each call that writes, %s: the path is named, and the run goes on later',
  async (_, fault) => {
    const calls = (await writesOfARun()).length
    expect(calls).toBeGreaterThan(100)
    const exits = new Map<number | null, number>()
    for (let n = 1; n <= calls; n += step) {
      const { exitCode } = await runOnFailingDisk({ ...fault, n }).catch(error => {
        throw new Error(`call ${n} of ${calls}: ${error instanceof Error ? error.message : error}`, { cause: error })
      })
      exits.set(exitCode, (exits.get(exitCode) ?? 0) + 1)
    }
    console.log(
      `disk full, ${JSON.stringify(fault)}: ${calls} calls, exit codes ${JSON.stringify([...exits])}, all went on to done`,
    )
  },
  7_200_000,
)
