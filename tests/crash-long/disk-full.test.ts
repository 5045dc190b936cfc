import pLimit from 'p-limit'
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
  'the disk is full at each call that writes, %s: the path is named, and the run continues later',
  async (_, fault) => {
    const calls = (await writesOfARun()).length
    expect(calls).toBeGreaterThan(100)
    const chosen = Array.from({ length: calls }, (_, index) => index + 1).filter(n => (n - 1) % step === 0)
    const exits = new Map<number | null, number>()
    const failures: string[] = []
    const tryOne = async (n: number): Promise<void> => {
      try {
        const { exitCode } = await runOnFailingDisk({ ...fault, n })
        exits.set(exitCode, (exits.get(exitCode) ?? 0) + 1)
      } catch (error) {
        failures.push(`call ${n} of ${calls}: ${error instanceof Error ? error.message : error}`)
      }
    }
    const limit = pLimit(2)
    await Promise.all(chosen.map(n => limit(tryOne, n)))
    console.log(
      `disk full, ${JSON.stringify(fault)}: ${chosen.length} of ${calls} calls, exit codes ${JSON.stringify([...exits])}; failed ${failures.length}`,
    )
    expect(failures).toEqual([])
  },
  7_200_000,
)
