import type { CellWorld } from '../world.ts'

/** I2, by `sko verify`: git and the review record alone say the same of the target. */
export async function notVerified(world: CellWorld): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await world.sko(['verify', 'work'], true)
  return exitCode === 0 ? [] : [`I2: sko verify exits ${exitCode}: ${stdout}${stderr}`]
}
