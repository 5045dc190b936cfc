import { spawn } from 'node:child_process'

/** Programs that keep a machine awake while process `pid` is alive. */
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

/** Keeps the machine awake until stopped or until we end. Does nothing on systems without such a program. */
export function keepAwake(wanted: boolean): { stop(): void } {
  const [file, ...args] = (wanted && !process.env.CI && commands[process.platform]?.(process.pid)) || []
  if (!file) return { stop: () => undefined }
  const child = spawn(file, args, { stdio: 'ignore' })
  child.on('error', () => undefined)
  child.unref()
  return { stop: () => void child.kill() }
}
