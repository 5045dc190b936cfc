import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { useCompiled } from '../process/compiled.ts'
import { useKittify } from '../state/sample-state.ts'

const rounds = 1_000
const contenders: ChildProcess[] = []
afterEach(() => {
  for (const contender of contenders.splice(0)) contender.kill('SIGKILL')
})

const kittify = useKittify()
const compiled = useCompiled(['.', 'core', 'files', 'process', 'state'])

async function start(): Promise<ChildProcess> {
  const contender = fork(resolve('tests/state/lock-contender.mjs'), [compiled()])
  await once(contender, 'message')
  return contender
}

it(`the lock of an owner that was killed is taken over by one of eight, ${rounds} times`, async () => {
  contenders.push(...(await Promise.all(Array.from({ length: 8 }, start))))
  const owners: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const answers = contenders.map(async contender => {
      const [answer] = await once(contender, 'message')
      return answer.kind === 'acquired' ? [contender] : []
    })
    const at = Date.now() + 5
    for (const contender of contenders) contender.send({ folder: kittify(), at })
    const won = (await Promise.all(answers)).flat()
    owners.push(won.length)
    for (const owner of won) {
      owner.kill('SIGKILL')
      await once(owner, 'exit')
      contenders[contenders.indexOf(owner)] = await start()
    }
  }
  const doubles = owners.filter(count => count > 1).length
  console.log(
    `${owners.length} takeovers by eight: ${doubles} with two owners, ${owners.filter(count => count === 0).length} with none`,
  )
  expect(owners).toEqual(Array(rounds).fill(1))
}, 3_600_000)
