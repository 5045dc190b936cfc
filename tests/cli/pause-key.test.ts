import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createScenario, type Scenario, until } from './support/scenario.ts'

const program = fileURLToPath(new URL('../../bin/sko.js', import.meta.url))
const terminal = fileURLToPath(new URL('./terminal.py', import.meta.url))

/** A run at a terminal of its own, with the board. */
function atTerminal(mission: Scenario) {
  const { CI: _, ...outer } = process.env
  const child = execa('python3', [terminal, process.execPath, program, 'orchestrate', '--mission', mission.slug], {
    cwd: mission.repo,
    env: { ...outer, ...mission.env, TERM: 'xterm' },
    extendEnv: false,
    reject: false,
    timeout: 50_000,
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
  it('pauses the run and lets it go on, and the terminal is as before', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const gate = mission.path('gate')
    await mission.setAgents([{ role: 'implementation', wp: 'WP01', do: 'hang', file: gate }])
    const { press, sees, ended } = atTerminal(mission)
    await sees('p: pause')
    await mission.waitForStart({ role: 'implementation' })
    press('p')
    await sees('PAUSED, nothing new begins -> p, or: sko continue')
    await writeFile(gate, '')
    await sees('WP01 committed')
    press('x')
    press('p')
    await sees('goes on')
    expect(await ended()).toBe('exit 0\nterminal same')
  })

  it('leaves Ctrl+C to the terminal, which is as before also then', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    await mission.setAgents([{ role: 'implementation', wp: 'WP01', do: 'hang' }])
    const { press, sees, ended } = atTerminal(mission)
    await mission.waitForStart({ role: 'implementation' })
    await sees('p: pause')
    press('^C')
    expect(await ended()).toBe('exit 130\nterminal same')
  })
})
