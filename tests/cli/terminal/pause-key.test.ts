import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cover, itInFull } from '../../in-full.ts'
import { patienceMs } from '../../patience.ts'
import { createScenario, type Scenario, until } from '../support/scenario.ts'
import { commitPhase, oneWorkPackage } from '../support/signal-phases.ts'

const program = fileURLToPath(new URL('../../../bin/sko.js', import.meta.url))
const terminal = fileURLToPath(new URL('../terminal.py', import.meta.url))

/** A run at a terminal of its own, with the board. */
function atTerminal(mission: Scenario) {
  const { CI: _, ...outer } = process.env
  const child = execa('python3', [terminal, process.execPath, program, 'orchestrate', '--mission', mission.slug], {
    cwd: mission.repo,
    env: { ...outer, ...mission.env, TERM: 'xterm' },
    extendEnv: false,
    reject: false,
    timeout: patienceMs,
    stdin: 'pipe',
  })
  onTestFinished(() => void child.kill())
  let screen = ''
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString()
  })
  return {
    press: (key: string) => child.stdin.write(`${key}\n`),
    sees: (text: string) => until(`${text} on the screen`, () => screen.includes(text)),
    ended: async () => {
      await child
      return screen.replace(/\r/g, '').split('\n').slice(-3).join('\n').trim()
    },
  }
}

describe('the key p', () => {
  it('pauses the run and lets it continue, and the terminal is as before', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const gate = mission.path('gate')
    await mission.setAgents([{ role: 'implementation', wp: 'WP01', do: 'hang', file: gate }])
    const { press, sees, ended } = atTerminal(mission)
    await sees('p: pause')
    await mission.waitForStart({ role: 'implementation' })
    press('p')
    await sees('PAUSED, no new attempts start -> p, or: sko continue')
    await writeFile(gate, '')
    await sees('WP01 committed')
    press('x')
    press('p')
    await sees('continued')
    expect(await ended()).toBe('exit 0\nterminal same')
  })

  it('is heard again after Ctrl+Z and fg', async () => {
    const mission = await hanging()
    const { press, sees, ended } = atTerminal(mission)
    await sees('p: pause')
    press('!STOP')
    press('!CONT')
    // Until it is taken back, the terminal shows what is typed and keeps it for the end of the line.
    const again = setInterval(() => press('p'), 200)
    await sees('PAUSED, no new attempts start').finally(() => clearInterval(again))
    press('!TERM')
    expect(await ended()).toBe('exit 143\nterminal same')
  })
})

describe('a terminal', () => {
  it.each(
    cover(1, [
      ['!close', 'exit 129\nterminal closed'],
      ['^C', 'exit 130\nterminal same'],
      ['!HUP', 'exit 129\nterminal same'],
    ]),
  )('is as before after %s', async (key, ends) => {
    const mission = await hanging()
    const { press, sees, ended } = atTerminal(mission)
    await mission.waitForStart({ role: 'implementation' })
    await sees('p: pause')
    press(key)
    expect(await ended()).toBe(ends)
  })

  itInFull('does not cut off a commit that is being made, with its Ctrl+C', async () => {
    const mission = await createScenario(oneWorkPackage)
    await commitPhase.arrange(mission)
    const { press, sees, ended } = atTerminal(mission)
    await until('a commit', () => existsSync(mission.path('slow.began')))
    press('^C')
    await sees('SIGINT: stopping')
    await commitPhase.letGo?.(mission)
    await sees('WP01 committed')
    expect(await ended()).toBe('exit 130\nterminal same')
  })
})

async function hanging(): Promise<Scenario> {
  const mission = await createScenario(oneWorkPackage)
  await mission.setAgents([{ role: 'implementation', do: 'hang' }])
  return mission
}
