import { spawn } from 'node:child_process'
import { expect, it, onTestFinished } from 'vitest'
import { trackOwned } from '../../../src/process/table/ownership.ts'
import { eventually, killAll, newToken, processesWith } from '../leaks.ts'

/** `sh` that waits for a line, and then becomes a `sleep` with these variables. */
async function waiting(token: string, becomes: string) {
  const child = spawn('/bin/sh', ['-c', `read -r _; exec ${becomes} sleep ${token}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const pid = child.pid ?? 0
  await eventually(() => processesWith(token).some(text => text.startsWith(`${pid} `)), 'the shell is there')
  const go = async () => {
    child.stdin.end('go\n')
    const isSleep = (text: string) => text.startsWith(`${pid} `) && !text.includes('/bin/sh')
    await eventually(() => processesWith(token).some(isSleep), 'it is a sleep')
  }
  return { pid, go }
}

it('a glance sees what is new, and once a minute also what got the number of something else', async () => {
  const token = newToken()
  onTestFinished(() => void killAll(token))
  const ownership = trackOwned([{ name: 'SKO_TEST', value: token }])
  const pids = () => ownership.glance().map(entry => entry.pid)
  const mine = `env SKO_TEST=${token}`
  const [later, never] = await Promise.all([waiting(token, mine), waiting(token, '')])

  expect(pids()).toEqual([])
  const fresh = await waiting(token, mine)
  await Promise.all([later.go(), never.go(), fresh.go()])
  const glances = Array.from({ length: 16 }, pids)

  expect(glances[0]).toEqual([fresh.pid])
  expect(glances.at(-1)?.toSorted()).toEqual([later.pid, fresh.pid].toSorted())
  expect(
    ownership
      .look()
      .processes.map(entry => entry.pid)
      .toSorted(),
  ).toEqual([later.pid, fresh.pid].toSorted())
})
