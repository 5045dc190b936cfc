import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { createHostClient, type HostCallRecord } from '../../src/host/client.ts'
import type { HostClient } from '../../src/run/host/host-client.ts'
import type { Policy } from '../../src/run/host/policy.ts'

export const slug = 'demo-01M7YJ68'

export const policy: Policy = {
  orchestrator_id: 'sko',
  orchestrator_version: '0.1.0',
  agent_family: 'codex',
  approval_mode: 'full_auto',
  sandbox_mode: 'workspace_write',
  network_mode: 'none',
  dangerous_flags: [],
  tool_restrictions: null,
}

/** One line as the host prints it. */
export function envelope(command: string, data: object, over: object = {}): string {
  return JSON.stringify({
    contract_version: '1.5.0',
    command: `orchestrator-api.${command}`,
    timestamp: '2026-11-21T08:05:11.954052+00:00',
    correlation_id: 'corr-1',
    success: true,
    error_code: null,
    data,
    ...over,
  })
}

export const stateData = {
  mission_slug: slug,
  summary: { planned: 1 },
  work_packages: [{ wp_id: 'WP01', lane: 'planned', dependencies: [] }],
}

export interface ScriptedHost {
  readonly client: HostClient
  readonly folder: string
  readonly calls: readonly HostCallRecord[]
  readonly file: (name: string) => string
}

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A host that is a shell script, in a folder of its own; `$here` is that folder. */
export function scriptedHost(
  script: string,
  options: { timeoutSeconds?: number; env?: Record<string, string>; whyNoChange?: () => Promise<string | null> } = {},
): ScriptedHost {
  const folder = mkdtempSync(join(tmpdir(), 'sko-scripted-host-'))
  folders.push(folder)
  const command = join(folder, 'spec-kitty')
  writeFileSync(command, `#!/bin/sh\nhere='${folder}'\n${script}\n`, { mode: 0o755 })
  const calls: HostCallRecord[] = []
  const client = createHostClient({
    command,
    cwd: folder,
    actor: 'sko',
    timeoutSeconds: options.timeoutSeconds ?? 20,
    env: { PATH: process.env.PATH, ...options.env },
    onCall: call => calls.push(call),
    ...(options.whyNoChange ? { whyNoChange: options.whyNoChange } : {}),
  })
  return { client, folder, calls, file: name => readFileSync(join(folder, name), 'utf8') }
}

/** `cat <<'END'` of one text. */
export function print(text: string): string {
  return `cat <<'END'\n${text}\nEND`
}
