import type { CheckResult } from '../gate/check-result.ts'
import { firstBytes, lastBytes } from '../text.ts'

/** Bytes, of all checks together: some agents take a prompt as an argument, which may have 128 KiB. */
const longestOutput = 20_000

/** Each with the end of what it printed. */
export function checkOutputs(results: readonly CheckResult[]): string {
  const share = Math.floor(longestOutput / results.length)
  const list = results.map(({ command, exitCode, output, stopped }) => {
    const how = exitCode === null ? `Stopped, ${stopped ?? 'it took too long'}` : `Exit code ${exitCode}`
    const shown = `$ ${firstBytes(command, share)}\n${lastBytes(output, share) || '(it printed nothing)'}`
    const fence = '`'.repeat(1 + Math.max(3, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length)))
    return `${how}:\n\n${fence}text\n${shown}\n${fence}`
  })
  return list.join('\n\n')
}
