import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { whole } from '../../whole.ts'
import { lastImporter } from './gated.ts'
import { makeTinyHost } from './tiny-host.ts'

const rounds = whole ? 10 : 2
const callsOfRound = 100

it('calls leave no process, no descriptor and no memory in the helper, and no descriptor here', async () => {
  const host = makeTinyHost()
  const warm = host.warm()
  await warm.call(host.call(['pid']), true)
  const helper = await lastImporter(host, 1)
  const look = () => ({
    descriptors: readdirSync(`/proc/${helper}/fd`).length,
    children: readFileSync(`/proc/${helper}/task/${helper}/children`, 'utf8'),
    ours: readdirSync('/proc/self/fd').length,
  })
  const round = async () => {
    for (let n = 0; n < callsOfRound; n += 4) {
      await Promise.all([1, 2, 3, 4].map(number => warm.call(host.call(['echo', String(number)]), number % 2 === 0)))
    }
  }
  await round()
  const [before, kibBefore] = [look(), memoryOf(helper)]
  for (let n = 0; n < rounds - 1; n++) await round()

  expect(look()).toEqual(before)
  expect(memoryOf(helper) - kibBefore).toBeLessThan(512)
  expect([host.importers().length, warm.reasons]).toEqual([1, []])
})

/** What is its own and not shared with the processes of calls. */
function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1])
}
