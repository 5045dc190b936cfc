import { spawn } from 'node:child_process'

/** Programs that keep a machine awake for as long as the process `pid` lives. */
const commands: Partial<Record<NodeJS.Platform, (pid: number) => readonly string[]>> = {
  darwin: pid => ['caffeinate', '-i', '-w', String(pid)],
  linux: pid => [
    'systemd-inhibit',
    '--what=idle:sleep',
    '--who=sko',
    '--why=a mission is running',
    'tail',
    `--pid=${pid}`,
    '-f',
    '/dev/null',
  ],
}

/** Keeps the machine awake until stopped or until we are gone; where there is no way to do it, nothing happens. */
export function keepAwake(wanted: boolean): { stop(): void } {
  const [file, ...args] = (wanted && !process.env.CI && commands[process.platform]?.(process.pid)) || []
  if (!file) return { stop: () => undefined }
  const child = spawn(file, args, { stdio: 'ignore' })
  child.on('error', () => undefined)
  child.unref()
  return { stop: () => void child.kill() }
}
