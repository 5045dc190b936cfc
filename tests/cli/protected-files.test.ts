import { readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf, logsOf, movesOf, type Scenario } from './support/scenario.ts'

const approval = '{"verdict": "approved", "summary": "Fine.", "findings": [], "checks": []}'

/** What each work package does to the files below `guard/`, as shell, and what its agent hears. */
const changes = {
  WP01: ['echo weaker > guard/a.sh', 'guard/a.sh (modified)'],
  WP02: ['rm guard/a.sh', 'guard/a.sh (removed)'],
  WP03: ['git mv guard/a.sh moved.sh', 'guard/a.sh (removed)'],
  WP04: ['chmod +x guard/a.sh', 'guard/a.sh (modified)'],
  WP05: ['ln -sf /dev/null guard/link', 'guard/link (modified)'],
  WP06: ['git mv guard/a.sh guard/A.sh', 'guard/A.sh (added)\nguard/a.sh (removed)'],
  WP07: ['echo new > "guard/it\'s new"', "guard/it's new (added)"],
  WP08: ['git rm -rq guard; ln -s src guard', 'guard (added)\nguard/a.sh (removed)\nguard/link (removed)'],
} as const

async function scenarioOf(wps: readonly (keyof typeof changes)[], config: string): Promise<Scenario> {
  const mission = await createScenario({
    shape: Object.fromEntries(wps.map(wp => [wp, []])),
    topology: 'lanes',
  })
  await mkdir(join(mission.repo, 'guard'))
  await writeFile(join(mission.repo, 'guard/a.sh'), 'test -f src/common.txt\n')
  await symlink('a.sh', join(mission.repo, 'guard/link'))
  await mission.git('add', 'guard')
  await mission.git('commit', '--quiet', '--message', 'Guard')
  const cases = wps.map(wp => `${wp}) ${changes[wp][0]};;`).join('\n')
  const writer = await mission.script(
    'writer',
    `prompt=$(cat)
echo "work $(date +%N)" >> src/$SKO_WP.txt
if printf '%s\\n' "$prompt" | grep -q '^These files are protected' && [ ! -e ../stubborn ]; then
  printf '%s\\n' "$prompt" | grep -E '^git (checkout|rm) ' | sh -e || echo failed
else case $SKO_WP in
${cases}
esac; fi
echo done`,
  )
  const reader = await mission.script('reader', `cat >/dev/null; echo '${approval}'`)
  await mission.writeConfig(`agents:
  implementation: [writer]
  review: [reader]
  custom: {writer: {command: ['${writer}']}, reader: {command: ['${reader}'], review: true}}
${config}`)
  return mission
}

function promptOf(mission: Scenario, runId: string, wp: string, name: string): string {
  return readFileSync(join(logsOf(mission, runId, wp), `${name}.prompt.md`), 'utf8')
}

it('a change of a protected file goes back to its agent, and the commands that it is given put the file back', async () => {
  const wps = ['WP01', 'WP02', 'WP03', 'WP04', 'WP05', 'WP06', 'WP07', 'WP08'] as const
  const mission = await scenarioOf(wps, 'checks:\n  run: [sh guard/a.sh]\n  protect: [guard]\n')

  const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(await lanesOf(mission)).toEqual(Object.fromEntries(wps.map(wp => [wp, 'approved'])))
  const runId = result.events()[0]?.runId ?? ''
  for (const wp of wps) {
    const told = promptOf(mission, runId, wp, 'implementation-c1-a2')
    expect(told).toContain(`the work changes them:\n${changes[wp][1]}\nPut them back`)
    const branch = `kitty/mission-${mission.slug}-lane-${'abcdefgh'[wps.indexOf(wp)]}`
    expect(await mission.git('diff', '--stat', 'work', branch, '--', 'guard')).toBe('')
  }
  expect(result.stdout).toContain(
    'WP04 attempt 1 by writer does not count: checks-failed: checks.protect: it changes protected files: guard/a.sh',
  )
})

itInFull('the same change again asks a person, and no reviewer sees it', async () => {
  const mission = await scenarioOf(['WP01'], "checks: {protect: ['**/*.sh']}\n")
  await mkdir(join(mission.repo, '.worktrees'), { recursive: true })
  await writeFile(join(mission.repo, '.worktrees/stubborn'), '')

  const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

  expect(result.exitCode).toBe(1)
  expect(result.stdout).toContain(
    'WP01 needs attention: the work was refused twice for the same reason: checks.protect: it changes protected files: guard/a.sh',
  )
  expect((await movesOf(mission)).filter(move => /review/.test(move))).toEqual([])
})

it('doctor says what is run and protected, and which pattern protects nothing', async () => {
  const mission = await scenarioOf(['WP01'], "checks: {run: [sh guard/a.sh], protect: ['guard/**', gaurd]}\n")

  const result = await runSko(mission, ['doctor'])

  expect([result.exitCode, result.stderr]).toEqual([0, ''])
  expect(result.stdout).toContain(
    'warn checks: run sh guard/a.sh; 2 files protected\n       no file matches this in checks.protect: gaurd',
  )
})
