import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { runSko, startSko } from './support/run-sko.ts'
import { createScenario, isAlive, lanesOf, linesOf, type Scenario, until } from './support/scenario.ts'

const one = { shape: { WP01: [] }, topology: 'lanes' } as const
const approval = '{"verdict": "approved", "summary": "Fine.", "findings": [], "checks": []}'
const lane = (mission: Scenario) => join(mission.repo, '.worktrees', `${mission.slug}-lane-a`)
const laneBranch = (mission: Scenario) => `kitty/mission-${mission.slug}-lane-a`
const reviews = (mission: Scenario) => mission.starts().filter(start => start.role === 'review').length

async function withAgents(mission: Scenario, scripts: { implementation?: string; review?: string }): Promise<void> {
  const { implementation, review } = scripts
  const custom: string[] = []
  if (implementation)
    custom.push(
      `writer: {command: ['${await mission.script('writer', `cat > /dev/null\n${implementation}\necho done`)}']}`,
    )
  if (review)
    custom.push(
      `reader: {command: ['${await mission.script('reader', `${review}\necho '${approval}'`)}'], review: true}`,
    )
  await mission.writeConfig(`agents:
  implementation: [${implementation ? 'writer' : 'claude-code'}]
  review: [${review ? 'reader' : 'codex'}]
  custom: {${custom.join(', ')}}
`)
}

describe('what a reviewer changed', () => {
  it('is put back, and the printed commands show and restore it, whatever diff settings there are', async () => {
    const mission = await createScenario(one)
    const pretty = await mission.script('pretty', 'echo pretty')
    for (const [key, value] of [
      ['diff.external', pretty],
      ['color.ui', 'always'],
      ['diff.noprefix', 'true'],
      ['core.pager', pretty],
    ] as const) {
      await mission.git('config', key, value)
    }
    await withAgents(mission, { review: 'echo meddled >> src/common.txt; echo valuable > src/new.txt' })

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect([result.exitCode, await lanesOf(mission)]).toEqual([0, { WP01: 'approved' }])
    const [, patch = '', diff = '', restore = ''] =
      /kept the change: \S+; as a patch: (\S+); next: git (diff \S+ \S+) \(.*?\), sko (kept WP01 --restore \d+)/.exec(
        result.stdout,
      ) ?? []
    const plain = ['--no-ext-diff', '--no-color']
    expect(await mission.git('diff', ...plain, ...diff.split(' ').slice(1))).toMatch(/^\+meddled[\s\S]*^\+valuable/m)
    await mission.git('-C', lane(mission), 'apply', '--check', patch)
    expect(existsSync(join(lane(mission), 'src/new.txt'))).toBe(false)
    expect((await runSko(mission, restore.split(' '))).exitCode).toBe(0)
    expect(readFileSync(join(lane(mission), 'src/new.txt'), 'utf8')).toBe('valuable\n')
    expect(readFileSync(join(lane(mission), 'src/common.txt'), 'utf8')).toMatch(/meddled\n$/)
  })

  itInFull('stays where it is when git cannot put it back, with the cause, and is kept', async () => {
    const mission = await createScenario(one)
    await withAgents(mission, {
      implementation:
        'mkdir -p src; echo work > src/WP01.txt; echo pointer > src/big.bin; echo "*.bin filter=big" > .gitattributes',
      review:
        'git config filter.big.smudge git-lfs-missing; git config filter.big.required true; echo valuable > src/big.bin',
    })

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(1)
    expect(result.stdout).toMatch(
      /WP01 needs attention: .*big\.bin.*\(what was there is kept in refs\/sko\/kept\/\S+\/WP01\/\d+\)/,
    )
    const ref = /kept in (refs\/sko\/kept\/\S+\/WP01\/\d+)\)/.exec(result.stdout)?.[1] ?? ''
    expect(await mission.git('cat-file', 'blob', `${ref}:src/big.bin`)).toBe('valuable')
  })
})

describe('what an implementer leaves', () => {
  it('that a required filter refuses is named and stays on disk', async () => {
    const mission = await createScenario(one)
    await withAgents(mission, {
      implementation:
        'mkdir -p src; echo work > src/WP01.txt; echo valuable > src/big.bin; echo "*.bin filter=lfs" > .gitattributes; git config filter.lfs.clean "git-lfs-missing clean"; git config filter.lfs.required true',
    })

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(1)
    expect(result.stdout).toMatch(/WP01 needs attention: .*git-lfs-missing.*src\/big\.bin: clean filter 'lfs' failed/)
    expect(readFileSync(join(lane(mission), 'src/big.bin'), 'utf8')).toBe('valuable\n')
    expect(reviews(mission)).toBe(0)
  })

  itInFull('outside a sparse checkout is committed, and no reviewer is blamed for it', async () => {
    const mission = await createScenario(one)
    await withAgents(mission, {
      implementation:
        'mkdir -p src; echo work > src/WP01.txt; git sparse-checkout set --cone src; mkdir -p far/away; echo valuable > far/away/x.txt',
    })

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect([result.exitCode, await lanesOf(mission)]).toEqual([0, { WP01: 'approved' }])
    expect(await mission.git('show', `${laneBranch(mission)}:far/away/x.txt`)).toBe('valuable')
    expect(result.stdout).not.toMatch(/its files changed/)
  })

  itInFull(
    'in a repository of its own is a finding for it, paid by no review, and work once that is fixed',
    async () => {
      const mission = await createScenario(one)
      const told = mission.path('told')
      const writer = await mission.script(
        'writer',
        `cat > '${told}'.$$; mkdir -p src; echo work > src/WP01.txt
if [ -d vendor ]; then rm -rf vendor/.git; else
git init -q vendor && cd vendor && echo a > a && git -c user.name=x -c user.email=x@x add -A && git -c user.name=x -c user.email=x@x commit -qm x && echo built > build.out; cp '${told}'.$$ '${told}'.first; fi
cp '${told}'.$$ '${told}'; echo done`,
      )
      await mission.writeConfig(
        `agents: {implementation: [writer], review: [codex], custom: {writer: {command: ['${writer}']}}}\n`,
      )

      const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

      expect([result.exitCode, await lanesOf(mission)]).toEqual([0, { WP01: 'approved' }])
      expect(readFileSync(`${told}.first`, 'utf8')).not.toContain('separate git repository')
      expect(readFileSync(told, 'utf8')).toMatch(
        /- vendor is a separate git repository[\s\S]*delete its `\.git` folder/,
      )
      expect(await mission.git('ls-tree', '-r', '--name-only', laneBranch(mission), 'vendor')).toBe(
        'vendor/a\nvendor/build.out',
      )
      expect(reviews(mission)).toBe(1)
    },
  )

  itInFull('hidden from git by a flag of the index is committed', async () => {
    const mission = await createScenario(one)
    await withAgents(mission, {
      implementation:
        'mkdir -p src; echo work > src/WP01.txt; git update-index --skip-worktree src/common.txt; echo patched > src/common.txt',
    })
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect([result.exitCode, await lanesOf(mission)]).toEqual([0, { WP01: 'approved' }])
    expect(await mission.git('show', `${laneBranch(mission)}:src/common.txt`)).toBe('patched')
  })

  it('in the settings of git starts nothing in a call of ours, and leaves no process', async () => {
    const mission = await createScenario(one)
    const pids = mission.path('pids')
    const hook = await mission.script(
      'hook',
      `setsid sleep 120 > /dev/null 2>&1 < /dev/null & echo $! >> ${pids}; exit 1`,
    )
    await withAgents(mission, {
      implementation: `mkdir -p src; echo work > src/WP01.txt; git config core.fsmonitor ${hook}`,
      review: 'git config core.pager false',
    })
    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])
    expect([result.exitCode, await lanesOf(mission)]).toEqual([0, { WP01: 'approved' }])
    const started = existsSync(pids) ? linesOf(pids).map(Number) : []
    for (const pid of started.filter(isAlive)) process.kill(pid, 'SIGKILL')
    expect(started).toEqual([])
  })
})

itInFull('a commit that a person makes between a crash in a review and the resume stays, and is reviewed', async () => {
  const mission = await createScenario(one, [{ role: 'review', do: 'hang', file: './never' }])
  const sko = startSko(mission, ['orchestrate', '--mission', mission.slug])
  await mission.waitForStart({ role: 'review' })
  sko.kill('SIGKILL')
  await sko.exited
  for (const { pid } of mission.starts()) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  await until('the end of the reviewer', () => !mission.starts().some(({ pid }) => isAlive(pid)))
  writeFileSync(join(lane(mission), 'src/person.txt'), 'by hand\n')
  // Two seconds later by the clock of the commit: git has whole seconds.
  const later = new Date(Date.now() + 2000).toISOString()
  execFileSync('git', ['add', '--all'], { cwd: lane(mission) })
  execFileSync('git', ['-c', 'user.name=P', '-c', 'user.email=p@x', 'commit', '--quiet', '--message', 'By hand'], {
    cwd: lane(mission),
    env: { ...process.env, GIT_COMMITTER_DATE: later },
  })
  await mission.setAgents([])

  const result = await runSko(mission, ['resume'])

  expect([result.exitCode, await lanesOf(mission)]).toEqual([0, { WP01: 'approved' }])
  expect(await mission.git('show', `${laneBranch(mission)}:src/person.txt`)).toBe('by hand')
  expect(result.stdout).toContain('WP01 has 1 commit(s) made after its reviewer ended')
  expect(result.stdout).not.toMatch(/while \S+ reviewed it/)
  const approved = result.events().find(event => event.type === 'verdict')
  expect(approved).toMatchObject({ commit: await mission.git('rev-parse', laneBranch(mission)) })
})
