import { readFileSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LoggedEvent, runSko, type SkoResult, startSko } from './support/run-sko.ts'
import { createScenario, isAlive, lanesOf, linesOf, logsOf, type Scenario, until } from './support/scenario.ts'

/** Green in each lane; red when both files are there and `fixed` is not. In the combined result it notes the target. */
const redTogether = (mission: Scenario, a = 'WP01', b = 'WP02') =>
  mission.script(
    `check-${a}-${b}`,
    `if [ -z "$SKO_WP" ]; then
  git -C "$SKO_REPO" cat-file -e work:src/${b}.txt 2>/dev/null && echo moved >>'${mission.path('targets')}' || echo unmoved >>'${mission.path('targets')}'
  git rev-parse HEAD >/dev/null && test -z "$(git branch --show-current)" || exit 9
fi
test ! -f src/${a}.txt || test ! -f src/${b}.txt || test -f fixed-${b} || { echo '${a} and ${b} do not go together'; exit 3; }`,
  )

async function configure(mission: Scenario, ...checks: readonly string[]): Promise<void> {
  await mission.writeConfig(
    `agents:\n  implementation: [claude-code]\n  review: [codex]\nreview:\n  complete_as: approved\nchecks: ${JSON.stringify(checks)}\n`,
  )
}

const orchestrate = (mission: Scenario, ...more: readonly string[]) => [
  ...['orchestrate', '--mission', mission.slug, '--merge', 'merge'],
  ...more,
]

function combined({ events }: SkoResult): readonly string[] {
  const short = (lane: unknown) => String(lane).replace(/.*-lane-/, '')
  return events()
    .filter(({ type }) => type === 'combined-check')
    .map(({ state, lanes }) => `${state} ${Array.isArray(lanes) ? lanes.map(short).join('') : ''}`)
}

function sentBack({ events }: SkoResult): readonly LoggedEvent[] {
  return events().filter(({ type }) => type === 'sent-back')
}

async function scratchFolders(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter(name => name.startsWith('sko-combined-'))
}

describe('lanes that are green alone', () => {
  it.each(['lanes', 'coord'] as const)(
    'and red together: the target unmoved, the later WP reworked, then merged (%s)',
    async topology => {
      const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology }, [
        { role: 'implementation', wp: 'WP02', attempt: 2, do: 'merge-asked', write: 'fixed-WP02' },
      ])
      await configure(mission, await redTogether(mission))

      const result = await runSko(mission, orchestrate(mission))

      expect([result.exitCode, result.stderr]).toEqual([0, ''])
      expect(result.stdout).toContain('merged, accepted')
      // The lane with the other merged into it was checked before its review.
      expect(combined(result)).toEqual([
        ...['started ab', 'failed ab', 'started a', 'passed a', 'started b', 'passed b', 'passed ab'],
      ])
      expect(sentBack(result)).toEqual([
        expect.objectContaining({
          ...{ wpId: 'WP02', cycle: 2, conflicts: [], log: expect.stringContaining('.check-1.log') },
          others: [expect.objectContaining({ wpIds: ['WP01'], branch: expect.stringContaining('lane-a') })],
        }),
      ])
      expect(new Set(linesOf(mission.path('targets')))).toEqual(new Set(['unmoved']))
      expect(await mission.git('ls-tree', '-r', '--name-only', 'work')).toMatch(
        /fixed-WP02[\s\S]*src\/WP01.txt\nsrc\/WP02.txt/,
      )
      const reviews = (await readdir(logsOf(mission, String(sentBack(result)[0]?.runId), 'WP02'))).filter(name =>
        /^review-c2-.*\.prompt\.md$/.test(name),
      )
      const prompt = readFileSync(
        join(logsOf(mission, String(sentBack(result)[0]?.runId), 'WP02'), reviews[0] ?? ''),
        'utf8',
      )
      expect(prompt).toMatch(/which its own review covers\. Judge how the two go together:\n- [0-9a-f]{40}\n/)
      expect(prompt).not.toContain('Changed outside')
      expect(Object.values(await lanesOf(mission))).toEqual(['done', 'done'])
      expect(await scratchFolders()).toEqual([])
    },
  )

  it('and one of three breaks two: each is found and reworked', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [], WP03: [] }, topology: 'lanes' }, [
      { role: 'implementation', wp: 'WP02', attempt: 2, do: 'merge-asked', write: 'fixed-WP02' },
      { role: 'implementation', wp: 'WP03', attempt: 2, do: 'merge-asked', write: 'fixed-WP03' },
    ])
    await configure(mission, await redTogether(mission), await redTogether(mission, 'WP01', 'WP03'))

    const result = await runSko(mission, orchestrate(mission))

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(sentBack(result).map(({ wpId, others }) => [wpId, others])).toEqual([
      ['WP02', [expect.objectContaining({ wpIds: ['WP01'] })]],
      ['WP03', [expect.objectContaining({ wpIds: ['WP01'] })]],
    ])
    expect(combined(result).filter(line => line.startsWith('started')).length).toBeLessThanOrEqual(10)
    expect(new Set(linesOf(mission.path('targets')))).toEqual(new Set(['unmoved']))
  })

  it('and conflict: the later WP merges the other, before the host is asked', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'coord' }, [
      { role: 'implementation', wp: 'WP01', do: 'ok', write: 'same.txt' },
      { role: 'implementation', wp: 'WP02', attempt: 1, do: 'ok', write: 'same.txt' },
      { role: 'implementation', wp: 'WP02', attempt: 2, do: 'merge-asked' },
    ])
    await configure(mission)

    const result = await runSko(mission, orchestrate(mission))

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(sentBack(result)).toEqual([
      expect.objectContaining({
        ...{ wpId: 'WP02', cycle: 2, conflicts: ['same.txt'], command: null },
        others: [expect.objectContaining({ wpIds: ['WP01'] })],
      }),
    ])
    expect((await mission.journal()).filter(({ command }) => command === 'merge-mission')).toHaveLength(1)
    expect(await mission.git('show', 'work:same.txt')).toBe(
      'WP02 implementation attempt 1\nWP01 implementation attempt 1',
    )
  })

  it('and conflict with the target: the WP merges the target', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'coord' }, [
      { role: 'implementation', wp: 'WP01', attempt: 1, do: 'ok', write: 'same.txt' },
      { role: 'implementation', wp: 'WP01', attempt: 2, do: 'merge-asked' },
    ])
    await configure(mission)
    await runSko(mission, ['orchestrate', '--mission', mission.slug])
    await writeFile(join(mission.repo, 'same.txt'), 'of a person\n')
    await mission.git('add', 'same.txt')
    await mission.git('commit', '--quiet', '--message', 'Of a person')

    const result = await runSko(mission, orchestrate(mission))

    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(sentBack(result)).toEqual([
      expect.objectContaining({
        conflicts: ['same.txt'],
        others: [expect.objectContaining({ wpIds: [], branch: 'work' })],
      }),
    ])
    expect(await mission.git('show', 'work:same.txt')).toContain('of a person')
  })
})

describe('a gate that no agent can open', () => {
  it('a target that is red alone asks a person, and nothing is merged', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    await configure(mission, await mission.script('check', 'test -n "$SKO_WP" || { echo "no packages here"; exit 4; }'))

    const result = await runSko(mission, orchestrate(mission))

    expect(result.exitCode).toBe(1)
    expect(combined(result)).toEqual(['started ab', 'failed ab', 'started a', 'failed a', 'started ', 'failed '])
    expect(result.stdout).toContain('the checks fail on work without any of the lanes, in a fresh checkout: ')
    expect([sentBack(result), await mission.git('ls-tree', '-r', '--name-only', 'work')]).toEqual([
      [],
      expect.not.stringContaining('src/WP01'),
    ])
  })

  it('work that the host calls done cannot go back: a person is asked with the merge', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    await configure(mission, await redTogether(mission))
    await mission.writeConfig(
      `agents:\n  implementation: [claude-code]\n  review: [codex]\nreview:\n  complete_as: done\nchecks: ${JSON.stringify([mission.path('check-WP01-WP02')])}\n`,
    )

    const result = await runSko(mission, orchestrate(mission))

    expect(result.exitCode).toBe(1)
    expect(result.stdout).toMatch(
      /WP02: checks fail on it together with WP01: .*; it is done at the host, and cannot go back to work/,
    )
    expect(result.stdout).toMatch(/sko resume .*git -C '\S+lane-b' merge [0-9a-f]{40}/)
    expect(await mission.git('ls-tree', '-r', '--name-only', 'work')).not.toContain('src/WP01')
  })

  it('work that is red again and again is bounded by review.max_cycles', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    await configure(mission, await redTogether(mission))
    await mission.writeConfig(
      `agents:\n  implementation: [claude-code]\n  review: [codex]\nreview:\n  complete_as: approved\n  max_cycles: 2\nchecks: ${JSON.stringify([mission.path('check-WP01-WP02')])}\n`,
    )

    const result = await runSko(mission, orchestrate(mission))

    expect(result.exitCode).toBe(1)
    expect(sentBack(result)).toHaveLength(1)
    expect(result.stdout).toContain('it has had 2 cycles (review.max_cycles)')
  })
})

/** Its check waits until the file `go` is there. */
async function waitingGate() {
  const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
  const check = await mission.script(
    'check',
    `test -n "$SKO_WP" || { echo $$ >>'${mission.path('pids')}'; test -f '${mission.path('go')}' || sleep 600; }`,
  )
  await configure(mission, check)
  const first = startSko(mission, orchestrate(mission))
  const pid = await until('the check', () => linesOf(mission.path('pids'))[0])
  return { mission, first, pid }
}

describe('a gate that is interrupted', () => {
  it('by SIGKILL leaves nothing that the next process does not end, and goes on', async () => {
    const { mission, first, pid } = await waitingGate()
    first.kill('SIGKILL')
    await first.exited
    expect(isAlive(Number(pid))).toBe(true)
    await writeFile(mission.path('go'), '')

    const second = await runSko(mission, ['resume'])

    expect([second.exitCode, isAlive(Number(pid))]).toEqual([0, false])
    expect(combined(second)).toEqual(['started ab', 'passed ab'])
    expect(await scratchFolders()).toEqual([])
  })

  it('by Ctrl+C ends the check, and resume does not repeat what was checked', async () => {
    const { mission, first, pid } = await waitingGate()
    first.kill('SIGINT')
    expect((await first.exited).exitCode).toBe(130)
    expect([isAlive(Number(pid)), await scratchFolders()]).toEqual([false, []])
    await writeFile(mission.path('go'), '')
    await mission.setFaults([{ fault: 'error', command: 'merge-mission', code: 'PREFLIGHT_FAILED', message: 'Busy' }])

    const second = await runSko(mission, ['resume'])
    const ofSecond = combined(second)
    const third = await runSko(mission, ['resume'])

    expect([second.exitCode, third.exitCode]).toEqual([1, 0])
    expect([ofSecond, combined(third)]).toEqual([['started ab', 'passed ab'], ['passed ab']])
  })
})

describe('a conflict is foretold', () => {
  it('when a WP is approved, once, and in the next prompt of the WP that is still worked on', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'coord' })
    const findings = [{ severity: 'high', file: 'same.txt', line: 1, problem: 'It lacks a line', change: null }]
    await mission.setAgents([
      { role: 'implementation', wp: 'WP01', do: 'hang', file: mission.path('second'), write: 'same.txt' },
      { role: 'implementation', wp: 'WP02', attempt: 1, do: 'ok', write: 'same.txt' },
      { role: 'review', wp: 'WP02', attempt: 1, do: 'hang', file: mission.path('third'), next: 'reject', findings },
      { role: 'implementation', wp: 'WP02', attempt: 3, do: 'merge-asked' },
    ])
    await configure(mission)
    const sko = startSko(mission, orchestrate(mission))
    await mission.waitForStart({ role: 'review', wp: 'WP02' })
    await writeFile(mission.path('second'), '')
    const foretold = await sko.waitForEvent(({ type }) => type === 'conflict-foretold')
    await writeFile(mission.path('third'), '')

    const result = await sko.exited

    expect(result.exitCode).toBe(0)
    expect(foretold).toMatchObject({ approved: { wpIds: ['WP01'] }, other: { wpIds: ['WP02'] }, files: ['same.txt'] })
    expect(result.events().filter(({ type }) => type === 'conflict-foretold').length).toBeLessThanOrEqual(2)
    const commit = await mission.git('log', '--format=%H', '-1', '--grep', 'WP01: attempt', 'work')
    const logs = logsOf(mission, String(foretold.runId), 'WP02')
    const prompts = (await readdir(logs)).filter(name => /^implementation-c2-a\d+.*prompt/.test(name))
    expect(prompts).toHaveLength(1)
    expect(readFileSync(join(logs, prompts[0] ?? ''), 'utf8')).toContain(
      `The approved work of WP01 changes the same lines of same.txt: its commit is ${commit}.`,
    )
  })
})

it('files that come with a merge that was asked for are not outside of owned_files', async () => {
  const owned = (name: string) =>
    `---\nwork_package_id: ${name}\ntitle: ${name}\nowned_files:\n  - src/${name}.txt\n  - fixed-${name}\n---\n# ${name}\n`
  const prompts = { WP01: owned('WP01'), WP02: owned('WP02') }
  const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes', prompts }, [
    { role: 'implementation', wp: 'WP02', attempt: 2, do: 'merge-asked', write: 'fixed-WP02' },
  ])
  const check = await redTogether(mission)
  await mission.writeConfig(
    `agents:\n  implementation: [claude-code]\n  review: [codex]\nreview:\n  complete_as: approved\n  owned_files: refuse\nchecks: ${JSON.stringify([check])}\n`,
  )

  const result = await runSko(mission, orchestrate(mission))

  expect([result.exitCode, sentBack(result).map(({ wpId }) => wpId)]).toEqual([0, ['WP02']])
  expect(result.events().filter(({ type }) => type === 'attempt-void')).toEqual([])
})
