import { text } from 'node:stream/consumers'
import { work } from './scripted-work.ts'

/** The agent of the demo: `node dist/demo/scripted-agent.js < prompt`, in a lane worktree. Needs no account. */
try {
  const say = (line: string) => process.stdout.write(`${line}\n`)
  await work(await text(process.stdin), { worktree: process.cwd(), say, pauseMs: 300 })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
