import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { cover, describeInFull } from '../in-full.ts'
import { runSko, startSko } from './support/run-sko.ts'
import { createScenario, type Scenario, until } from './support/scenario.ts'

/** Waits, in an agent's shell, until a copy of its worktree has the file: nothing here depends on how fast we look. */
const awaitKept = `
kept() {
  while :; do
    for ref in $(git for-each-ref --format='%(refname)' "refs/sko/kept/$SKO_RUN_ID/$SKO_WP/"); do
      git cat-file -e "$ref:$1" 2>/dev/null && return
    done
    sleep 0.05
  done
}
`

/** An implementer of our own; `script` runs in the lane worktree. Reviews are left to the fakes. */
async function addImplementer(mission: Scenario, script: string): Promise<void> {
  const command = await mission.script('odd', `set -e\n${awaitKept}\n${script}\necho done`)
  await mission.writeConfig(`agents: {implementation: [odd], custom: {odd: {command: ['${command}']}}}\n`)
}

function laneOf(mission: Scenario, letter = 'a'): string {
  return join(mission.repo, '.worktrees', `${mission.slug}-lane-${letter}`)
}

async function keptOf(
  mission: Scenario,
  wp: string,
): Promise<readonly { number: number; reason: string; ref: string }[]> {
  const { stdout } = await runSko(mission, ['kept', wp, '--json'])
  return JSON.parse(stdout).kept
}

describe('what an agent writes and destroys in the middle of an attempt', () => {
  it.each(
    cover(1, [
      ['reset --hard', 'git add . && git reset -q --hard'],
      ['clean -fdx', 'git clean -fdxq'],
      ['checkout -- . and rm -rf', 'git checkout -q -- . && rm -rf new'],
      ['stash, then stash drop', 'git stash push -q --include-untracked && git stash drop -q'],
    ]),
  )('comes back with the printed command after %s', async (_, act) => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    await addImplementer(
      mission,
      `mkdir new && printf 'only here' > new/file.txt && kept new/file.txt
${act}
printf work > src/WP01.txt`,
    )
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    const said = /WP01 kept .*new\/file\.txt.*; next: sko (kept WP01 --show (\d+))/m.exec(result.stdout)
    const shown = await runSko(mission, (said?.[1] ?? '').split(' '))
    expect([shown.exitCode, shown.stdout]).toEqual([0, expect.stringMatching(/new\/file\.txt +\| +1 \+/)])

    const restore = ['kept', 'WP01', '--restore', said?.[2] ?? '', '--repo-root', mission.repo]
    const restored = await runSko(mission, restore, { cwd: dirname(mission.repo) })
    expect([restored.exitCode, restored.stderr]).toEqual([0, ''])
    expect(restored.events()).toMatchObject([
      { type: 'kept-restored', wpId: 'WP01', worktree: laneOf(mission), written: ['new/file.txt'], left: [] },
    ])
    expect(readFileSync(join(laneOf(mission), 'new', 'file.txt'), 'utf8')).toBe('only here')
    expect(readFileSync(join(laneOf(mission), 'src', 'WP01.txt'), 'utf8')).toBe('work')
  })

  it('comes back when the whole worktree was removed, by the git command that is printed', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    await addImplementer(mission, `printf 'only here' > file.txt && kept file.txt\nrm -rf "$PWD"`)
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect(result.exitCode).toBe(1)
    const number = /; next: sko kept WP01 --show (\d+)/m.exec(result.stdout)?.[1] ?? ''
    await rm(laneOf(mission), { recursive: true, force: true })
    const refused = await runSko(mission, ['kept', 'WP01', '--restore', number])
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('of WP01 is gone') })
    const command = /make a branch of the copy: (git .*)$/m.exec(refused.stderr)?.[1] ?? ''
    execFileSync('sh', ['-c', command], { env: { ...process.env, ...mission.env } })
    const branch = (await mission.git('branch', '--list', 'kept/*')).trim()
    expect(await mission.git('show', `${branch}:file.txt`)).toBe('only here')
  })
})

describeInFull('two lanes that share the stash', () => {
  it('interleave stash and pop: nothing is lost, and the work package that has the other one is named', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    const place = dirname(mission.repo)
    await addImplementer(
      mission,
      `if [ -e "${place}/popped" ] && [ $SKO_WP = WP02 ]; then echo again >> src/WP02.txt; exit; fi
case $SKO_WP in
WP01) printf 'of WP01' > theirs.txt; git stash push -q --include-untracked; touch "${place}/stashed"
  while [ ! -e "${place}/popped" ]; do sleep 0.05; done; printf x > src/WP01.txt;;
WP02) while [ ! -e "${place}/stashed" ]; do sleep 0.05; done
  while [ -z "$(git for-each-ref refs/sko/kept/$SKO_RUN_ID/WP01)" ]; do sleep 0.05; done
  git stash pop -q; touch "${place}/popped"; printf x > src/WP02.txt;;
esac`,
    )
    await mission.setAgents([{ role: 'review', wp: 'WP02', do: 'reject' }])
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    const crossed = result.events().filter(({ type }) => type === 'stash-crossed')
    expect(crossed).toMatchObject([{ wpId: 'WP02', from: 'WP01', files: ['theirs.txt'] }])
    const entry = (await keptOf(mission, 'WP01')).find(({ reason }) => reason === 'stash')
    expect(await mission.git('show', `${entry?.ref}:theirs.txt`)).toBe('of WP01')
    const command = /WP02 attempt 1 applied .*; next: (git stash apply [0-9a-f]+)/m.exec(result.stdout)?.[1] ?? 'false'
    execFileSync('sh', ['-c', command], { cwd: laneOf(mission), env: { ...process.env, ...mission.env } })
    expect(readFileSync(join(laneOf(mission), 'theirs.txt'), 'utf8')).toBe('of WP01')

    const runId = result.events()[0]?.runId ?? ''
    const prompt = (name: string) =>
      readFileSync(join(mission.repo, '.kittify', 'logs', runId, 'WP02', `${name}.prompt.md`), 'utf8')
    expect(prompt('review-c1-a2')).toMatch(/applied a git stash entry of WP01: theirs\.txt/)
    expect(prompt('implementation-c2-a3')).toMatch(/applied a git stash entry of WP01: theirs\.txt/)
  })
})

describeInFull('sko kept', () => {
  it('has what was removed after a merge and after a clean-up, and snapshots of what was merged no more', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    await addImplementer(
      mission,
      `printf a > a.txt && kept a.txt && rm a.txt && printf work > src/WP01.txt && kept src/WP01.txt`,
    )
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug, '--merge', 'merge'])
    expect([result.exitCode, result.stderr]).toEqual([0, ''])
    expect(result.stdout).toMatch(/removed \d+ snapshot\(s\) of work that is in commits now/)
    expect((await keptOf(mission, 'WP01')).map(({ reason }) => reason)).toEqual(['removed'])
    const cleaned = await runSko(mission, ['abort', '--cleanup-worktrees'])
    expect([cleaned.exitCode, cleaned.stdout]).toEqual([0, expect.stringContaining('list the others: sko kept')])
    const [entry] = await keptOf(mission, 'WP01')
    expect(await mission.git('show', `${entry?.ref}:a.txt`)).toBe('a')
  })

  it('restores nothing while a run is running, and says what it cannot do in plain words', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    const gate = mission.path('gate')
    await addImplementer(
      mission,
      `printf a > a.txt && kept a.txt && rm a.txt && printf b > b.txt && kept b.txt
touch "${gate}.seen"; while [ ! -e "${gate}" ]; do sleep 0.05; done`,
    )
    const empty = await runSko(mission, ['kept'])
    expect([empty.exitCode, empty.stdout]).toEqual([0, 'nothing is kept\n'])
    const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
    await until('the agent', () => existsSync(`${gate}.seen`))
    const [first] = await keptOf(mission, 'WP01')
    const busy = await runSko(mission, ['kept', 'WP01', '--restore', String(first?.number)])
    expect(busy).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(/its agents may be working/) })
    execFileSync('touch', [gate])
    expect((await sko.exited).exitCode).toBe(0)

    for (const [args, words] of [
      [['kept', 'WP1'], 'there is no "WP1"'],
      [['kept', 'WP01', '--show', '99'], 'nothing is kept of WP01 under "99"'],
      [['kept', '--restore', '1'], 'name the work package'],
    ] as const) {
      expect(await runSko(mission, args)).toMatchObject({
        exitCode: 2,
        stdout: '',
        stderr: expect.stringContaining(words),
      })
    }
    const before = await mission.git('for-each-ref', 'refs/sko/kept')
    const pruned = await runSko(mission, ['kept', 'WP01', '--prune'])
    expect([pruned.exitCode, await mission.git('for-each-ref', 'refs/sko/kept')]).toEqual([0, ''])
    const commands = pruned.stdout.match(/^ {2}to get it back: /gm) ?? []
    const removed = z.object({ type: z.literal('kept-removed'), kept: z.array(z.object({ commit: z.string() })) })
    expect(pruned.events().map(event => removed.parse(event).kept.length)).toEqual([commands.length])
    for (const [, command] of pruned.stdout.matchAll(/to get it back: (git .*)$/gm)) {
      execFileSync('sh', ['-c', command ?? 'false'], { env: { ...process.env, ...mission.env } })
    }
    expect(await mission.git('for-each-ref', 'refs/sko/kept')).toBe(before)

    await mission.git('update-ref', 'refs/sko/kept/run/main/1', 'HEAD')
    expect(await runSko(mission, ['kept', 'main', '--restore', '1'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('sko writes no files in the main checkout'),
    })
  })
})
