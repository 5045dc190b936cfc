import { spawn } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { tooMany } from './bounds.ts'
import { lostBytes } from './bytes.ts'
import { uncovered } from './coverage.ts'
import { commandsOf, nextOf, notReported, obey, takeBack, wordsOfPerson } from './cure.ts'
import { leftBehind, listing } from './leftovers.ts'
import { commit, ended, event, madeUpWorld, recordLanes, withNotes, write } from './made-up.ts'
import { misnamed } from './names.ts'
import { notAsSaid } from './outcome.ts'

/** A check that cannot fail proves nothing: each is given what it is there to find, and what it must let pass. */
const line = 'written by an agent'
const wrote = [{ by: 'implementation-WP01', line, file: 'src/a.txt' }]

describe('I1', () => {
  it('misses a line that is in the stash alone', async () => {
    const world = withNotes(await madeUpWorld(), { written: wrote })
    await write(world, 'src/a.txt', line)
    expect(await lostBytes(world)).toEqual([])
    await world.git('stash', '-q', '-u')
    expect(await lostBytes(world)).toEqual([expect.stringContaining('I1: lost')])
    await world.git('update-ref', 'refs/sko/kept/run/WP01/1', 'refs/stash')
    expect(await lostBytes(world)).toEqual([])
  })

  it('misses a line of a commit that no ref holds, and of a repository inside that is only its own', async () => {
    const world = withNotes(await madeUpWorld(), { written: wrote })
    await write(world, 'src/a.txt', line)
    await commit(world, 'mine')
    expect(await lostBytes(world)).toEqual([])
    await world.git('reset', '-q', '--hard', world.base)
    expect(await lostBytes(world)).toHaveLength(1)
    const inner = join(world.repo, 'inner')
    await write(world, 'inner/a.txt', line)
    for (const args of [
      ['init', '-q'],
      ['add', '-A'],
    ])
      await execa('git', args, { cwd: inner })
    expect(await lostBytes(world)).toEqual([])
    await writeFile(join(inner, 'a.txt'), '')
    expect(await lostBytes(world)).toHaveLength(1)
  })

  it('takes no log and no note of the cell for a place where bytes are kept', async () => {
    const world = withNotes(await madeUpWorld(), { written: wrote })
    await write(world, '.kittify/logs/run/WP01/implementation-c1-a1.out.log', line)
    await writeFile(join(world.folder, 'agent-writes'), line)
    expect(await lostBytes(world)).toHaveLength(1)
  })
})

describe('I2', () => {
  it('finds a commit and its content that no approval covers', async () => {
    const world = await madeUpWorld()
    await write(world, 'src/a.txt', 'reviewed')
    const head = await commit(world, 'WP01')
    const approved = [event('verdict', { wpId: 'WP01', verdict: 'approved', commit: head })]
    const judged = withNotes(world, { reviewed: [{ wpId: 'WP01', base: world.base, shown: head, head }] })
    expect(await uncovered(judged, approved)).toEqual([])
    expect(await uncovered(judged, [])).toEqual([
      expect.stringContaining('is on the target and unreviewed: src/a.txt'),
      expect.stringContaining('what no judgement covers: reviewed'),
    ])
    await write(world, 'src/a.txt', 'slipped in')
    await commit(world, 'WP01: more')
    expect(await uncovered(judged, approved)).toEqual([
      expect.stringContaining('is on the target and unreviewed: src/a.txt'),
      expect.stringContaining('what no judgement covers: slipped in'),
    ])
  })

  it('takes the word of a person for the commit that it names, and for no later one', async () => {
    const world = await madeUpWorld()
    await write(world, 'src/a.txt', 'vouched for')
    const words = wordsOfPerson([`sko confirm WP01 --commit ${await commit(world, 'mine')}`, 'sko retry WP02'])
    expect(words).toHaveLength(1)
    expect(await uncovered(world, words)).toEqual([])
    await write(world, 'src/b.txt', 'later')
    await commit(world, 'more')
    expect(await uncovered(world, words)).toHaveLength(2)
  })

  it('finds an approval at a commit that its reviewer was not shown, or did not find checked out', async () => {
    const world = await madeUpWorld()
    await write(world, 'src/a.txt', 'one')
    const one = await commit(world, 'one')
    await write(world, 'src/a.txt', 'two')
    const two = await commit(world, 'two')
    const approved = [event('verdict', { wpId: 'WP01', verdict: 'approved', commit: two })]
    for (const [shown, head] of [
      [one, two],
      [two, one],
    ] as const) {
      const judged = withNotes(world, { reviewed: [{ wpId: 'WP01', base: world.base, shown, head }] })
      expect(await uncovered(judged, approved)).toContainEqual(expect.stringContaining('its reviewer did not see'))
    }
  })

  it('finds what an evil merge adds, and what of an agent is in a commit of a person', async () => {
    const world = withNotes(await madeUpWorld(), { written: wrote })
    await world.git('checkout', '-q', '-b', 'lane')
    await world.git('commit', '-q', '--allow-empty', '-m', 'lane')
    await world.git('checkout', '-q', 'work')
    await world.git('merge', '-q', '--no-ff', '--no-commit', 'lane')
    await write(world, 'src/evil.txt', 'evil')
    await commit(world, 'Merge lane')
    expect(await uncovered(world, [])).toContainEqual(expect.stringContaining('unreviewed: src/evil.txt'))

    const other = withNotes(await madeUpWorld(), { written: wrote })
    await write(other, 'src/a.txt', line)
    await commit(other, 'All of it', 'A Person <p@x>')
    expect(await uncovered(other, [])).toEqual([expect.stringContaining(`what no judgement covers: ${line}`)])
  })

  it("finds an agent's line in the host's files", async () => {
    const world = withNotes(await madeUpWorld(), { written: wrote })
    await write(world, 'kitty-specs/real/status.events.jsonl', 'the host')
    await commit(world, 'lanes')
    expect(await uncovered(world, [])).toEqual([])
    await write(world, 'kitty-specs/real/spec.md', line)
    await commit(world, 'spec')
    expect(await uncovered(world, [])).toEqual([expect.stringContaining('kitty-specs/real/spec.md')])
  })
})

describe('I3', () => {
  interface Breach {
    readonly lane?: string
    readonly verdict?: string
    readonly merged?: boolean
    readonly accepted?: boolean
    readonly says?: string
  }

  it.each<[string, Breach]>([
    ['a WP is in another lane', { lane: 'in_review', says: 'WP01 is in_review' }],
    ['no reviewer approved it', { verdict: 'changes_requested', says: 'nobody approved WP01' }],
    ['the target lacks what was approved', { merged: false, says: 'the target lacks' }],
    ['the host has not accepted it', { accepted: false, says: 'has not accepted' }],
    ['all is so', {}],
  ])('exit 0: %s', async (_, { lane = 'done', verdict = 'approved', merged = true, accepted = true, says }) => {
    const world = await madeUpWorld()
    await recordLanes(world, { WP01: lane, WP02: 'done' }, accepted)
    const head = await commit(world, 'all')
    if (!merged) await world.git('checkout', '-q', '-B', 'work', world.base)
    if (!merged) await recordLanes(world, { WP01: lane, WP02: 'done' }, accepted)
    const events = [
      event('verdict', { wpId: 'WP01', verdict, commit: head }),
      event('verdict', { wpId: 'WP02', verdict: 'approved', commit: world.base }),
    ]
    const found = await notAsSaid(world, ended(0), events)
    expect(found).toEqual(says === undefined ? [] : [expect.stringContaining(says)])
    expect(await notAsSaid(world, ended(1), events)).toEqual([])
  })
})

describe('I4', () => {
  it.each([
    ['reviewerWrites', event('tree-changed-during-review', { wpId: 'WP01', agent: 'scripted' })],
    ['lanesMoved', event('needs-person', { reason: 'someone else moved it from in_review to done' })],
    ['mainTouched', event('main-checkout-changed', { wpId: 'WP01', files: ['README.md'], refs: [] })],
  ] as const)('%s: said where it is not so', async (what, said) => {
    const world = await madeUpWorld()
    const result = ended(1, { events: [said] })
    expect(misnamed(world, result)).toEqual([expect.stringContaining('is not what happened')])
    expect(misnamed(withNotes(world, { truth: { [what]: true } }), result)).toEqual([])
  })

  it('a change during a review may be the one of a person who acts at that time', async () => {
    const result = ended(1, { events: [event('tree-changed-during-review', { wpId: 'WP01', agent: 'scripted' })] })
    const world = withNotes(await madeUpWorld(), { truth: { personInLane: true } })
    expect(misnamed(world, result)).toHaveLength(1)
    expect(misnamed({ ...world, levels: [{ name: 'review', stage: 'review-WP01-1' }] }, result)).toEqual([])
  })

  it.each([
    'sko: not in a git repository',
    'this is a bug, please report it',
    '    at run (file.js:1:1)',
    'WP01 its files changed while the checks ran',
  ])('never so: %s', async said => {
    expect(misnamed(await madeUpWorld(), ended(1, { stderr: said }))).toHaveLength(1)
  })
})

describe('I5', () => {
  it('finds files, refs and branches that are no business of sko', async () => {
    const world = await madeUpWorld()
    const before = listing(world)
    await mkdir(join(world.folder, 'home'))
    await writeFile(join(world.folder, 'home', 'stray'), '')
    await write(world, 'stray.txt', 'x')
    await writeFile(join(world.repo, '.git', 'stray'), '')
    await write(world, '.kittify/logs/run/x', 'ours')
    await world.git('branch', 'stray')
    await world.git('branch', 'kitty/mission-real-lane-a')
    await world.git('update-ref', 'refs/stray', 'HEAD')
    await world.git('update-ref', 'refs/sko/kept/run/WP01/1', 'HEAD')
    expect((await leftBehind(world, before)).toSorted()).toEqual([
      'I5: home/stray was left behind',
      'I5: repo/.git/stray was left behind',
      'I5: repo/stray.txt was left behind',
      'I5: the ref refs/heads/stray was left behind',
      'I5: the ref refs/stray was left behind',
    ])
  })

  it('finds a process, and ends it', async () => {
    const world = await madeUpWorld()
    const child = spawn('sleep', ['600'], { env: { ...process.env, WORLD: world.folder }, stdio: 'ignore' })
    const left = new Promise(resolve => child.once('exit', resolve))
    expect(await leftBehind(world, listing(world), 0)).toEqual(['I5: still running: sleep 600'])
    await left
  })

  it('finds a program that a git call of sko started, and none that others started', async () => {
    const world = await madeUpWorld()
    const programs = join(import.meta.dirname, '..', 'support', 'programs')
    await mkdir(join(world.folder, 'bin'))
    const sko = join(world.folder, 'bin', 'sko.js')
    const status = `require('node:child_process').execFileSync('git', ['-c', 'core.fsmonitor=${programs}/monitors', 'status'])`
    await writeFile(sko, status)
    await symlink(sko, join(world.folder, 'bin', 'other.js'))
    const run = (program: string) =>
      execa(process.execPath, [join(world.folder, 'bin', program)], {
        cwd: world.repo,
        env: { WORLD: world.folder, WORLD_PROGRAMS: programs },
      })
    const before = new Set([...listing(world), 'bin/sko.js', 'bin/other.js'])
    await run('other.js')
    expect(await leftBehind(world, before)).toEqual([])
    await run('sko.js')
    expect(await leftBehind(world, before)).toContainEqual(expect.stringMatching(/a git call of sko ran .*monitors/))
  })
})

describe('I6', () => {
  const told = event('needs-person', {
    wpId: 'WP01',
    reason: 'it failed',
    next: [{ command: 'sko retry WP01', why: '' }],
  })
  const workPackages = [
    { wpId: 'WP01', lane: 'blocked' },
    { wpId: 'WP02', lane: 'done' },
  ]
  const finished = event('run-finished', { exitCode: 1, workPackages })
  const next = 'Next:\n  sko retry WP01\n'

  it.each([
    ['all is said', { stdout: next, events: [told, finished] }, undefined],
    ['one twice', { stdout: next, events: [told, told, finished] }, 'WP01 is reported more than once'],
    ['one without a reason', { stdout: next, events: [{ ...told, reason: '' }, finished] }, 'WP01 has no reason'],
    ['no next command', { events: [told, finished] }, 'nothing says what to do'],
    ['one that is not named', { stdout: 'Next:\n  sko resume\n', events: [finished] }, 'nothing is said of WP01'],
    ['not a word', {}, 'without a word'],
  ])('%s', (_, said, says) => {
    const result = ended(1, said)
    const found = notReported(result, result.events())
    expect(found).toEqual(says === undefined ? [] : [expect.stringContaining(says)])
  })

  it('takes back what was stashed, and finds that it does not come back', async () => {
    const world = await madeUpWorld()
    await write(world, 'a.txt', 'a')
    const stash = `git -C '${world.repo}' stash push --quiet --include-untracked -- a.txt`
    expect(await obey(world, [stash])).toEqual([])
    expect(await takeBack(world, [stash, 'sko retry WP01'])).toEqual([])
    expect(await world.git('status', '--porcelain')).toBe('?? a.txt')
    expect(await takeBack(world, [stash])).toEqual([expect.stringContaining('stash pop')])
  })

  it('runs what is printed, and finds that it fails', async () => {
    const world = await madeUpWorld()
    const printed = ended(1, {
      stdout: 'Next:\n  git cat-file -e work && sko resume   (why)\n  git cat-file -e gone\n  call a person\n',
    })
    const commands = commandsOf(nextOf(printed))
    expect(commands).toEqual(['git cat-file -e work && sko resume', 'git cat-file -e gone'])
    expect(await obey(world, commands)).toEqual([expect.stringContaining('`git cat-file -e gone` exits 128')])
  })
})

it('I7 finds a WP that was paid for too often', async () => {
  const world = await madeUpWorld()
  const turns = Array.from({ length: 16 }, (_, index) => `implementation-WP01-${index + 1}`)
  expect(tooMany(world, turns.slice(1))).toEqual([])
  expect(tooMany(world, turns)).toEqual([expect.stringContaining('16 attempts on WP01')])
})
