import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { findBinary } from '../../src/agents/detect/find-binary.ts'
import { createRegistry } from '../../src/agents/registry.ts'
import type { Role } from '../../src/core/work-package/work-package.ts'
import type { Agent, AgentReport } from '../../src/run/attempts/agent.ts'
import { reviewerIsReadOnly, settingsOf } from '../../src/run/attempts/agent-pool.ts'
import { readVerdict } from '../../src/run/steps/verdict.ts'
import { loadFromText } from '../config/load-from-text.ts'
import { documented, type TinyRun, tinyRuns } from './tiny-agent.ts'

const folder = mkdtempSync(join(tmpdir(), 'sko-tiny-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What the page's YAML makes of it, and the program itself: it prints what was recorded and notes how it was called. */
const config = await loadFromText(documented.yaml)
const [tiny] = [...createRegistry(config.agents.custom).values()].filter(({ id }) => id === 'tiny')
if (!tiny) throw new Error('the page configures no agent called tiny')

const program = `#!${process.execPath}
const { readFileSync, writeFileSync } = require('node:fs')
writeFileSync('called.json', JSON.stringify({ args: process.argv.slice(2), prompt: readFileSync(0, 'utf8') }))
const { stdout, stderr, expected } = JSON.parse(readFileSync('run.json', 'utf8'))
process.stdout.write(stdout)
process.stderr.write(stderr)
process.exitCode = expected.exitCode
`
writeFileSync(join(folder, 'tiny'), program)
chmodSync(join(folder, 'tiny'), 0o755)

function start(agent: Agent, role: Role, run: TinyRun): AgentReport {
  writeFileSync(join(folder, 'run.json'), JSON.stringify(run))
  const { args } = agent.command({
    role,
    promptFile: join(folder, 'prompt.md'),
    prompt: '',
    worktree: folder,
    filePrefix: join(folder, 'attempt'),
    timeoutSeconds: 60,
    settings: settingsOf(config, agent.id, role),
    resumeSession: null,
  })
  const file = findBinary(agent, folder)
  const { status, stdout, stderr } = spawnSync(file ?? '', args, { cwd: folder, input: 'Do it.', encoding: 'utf8' })
  return agent.read({ role, exitCode: status, stdout, head: stdout, cut: false, stderr, resultFile: null, endedAt: 0 })
}

describe('docs/add-an-agent.md', () => {
  it('shows both ways in under a page', () => {
    expect(documented.page.trimEnd().split('\n').length).toBeLessThanOrEqual(90)
    expect(documented.blockCount).toBe(4)
  })

  it('the configured agent does both roles, and its reviews are read-only by the word of its user', () => {
    expect(tiny).toMatchObject({ binaries: ['tiny'], roles: ['implementation', 'review'], promptVia: 'stdin' })
    expect(tiny.detection.versionArgs).toEqual(['--version'])
    expect(reviewerIsReadOnly(tiny, config)).toBe(true)
  })

  it.each(Object.entries(tinyRuns))('the configured agent runs the program and reads %s', (_, run) => {
    const { role, outcome, text, usage, verdict } = run.expected
    const report = start(tiny, role, run)
    expect(report.ok ? 'ok' : report.failure.class).toBe(outcome)
    if (text !== undefined) expect(report.text).toBe(text)
    if (usage !== undefined) expect(report.usage).toEqual(usage)
    if (verdict !== undefined)
      expect(report.ok && readVerdict(report)).toMatchObject({ ok: true, verdict: { verdict } })
    const mode = role === 'review' ? 'look' : 'edit'
    const args = ['run', '--json', '--mode', mode, '--model', 'small']
    expect(JSON.parse(readFileSync(join(folder, 'called.json'), 'utf8'))).toEqual({ args, prompt: 'Do it.' })
  })
})
