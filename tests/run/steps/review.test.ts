import { describe, expect, it } from 'vitest'
import { verdictJsonSchema } from '../../../src/run/steps/verdict.ts'
import { createIncarnation } from '../fakes/incarnation.ts'
import { head } from '../fakes/memory-git.ts'
import {
  type Action,
  approves,
  approvesWithHigh,
  type Behaviour,
  fails,
  implements_,
  rejects,
  saysBoth,
  writesProse,
} from '../fakes/scripted-agents.ts'
import { agent, configOf, createWorld, runWorld, type World, wp } from '../fakes.ts'

const one = [{ wpId: wp('WP01') }]
const reviewedBy =
  (...answers: readonly Action[]): Behaviour =>
  (request, index) =>
    request.role === 'implementation' ? implements_ : (answers[index] ?? approves)

const reviewersOf = (world: World) =>
  world.agents.finished.filter(({ request }) => request.role === 'review').map(({ request }) => request.agent)
const worktreeOf = (world: World) => world.git.at(world.host.worktreePath(wp('WP01')))

describe('no verdict', () => {
  it.each([
    ['prose', writesProse, 4],
    ['approved with a high finding', approvesWithHigh, 4],
    ['two verdicts that differ', saysBoth, 4],
    ['approved, then the process failed', { ...approves, end: { kind: 'signaled', signal: 'SIGKILL' } } as const, 3],
    ['approved, after the time was up', { ...approves, end: { kind: 'timed-out', seconds: 3600 } } as const, 3],
  ])('%s: never approved; twice by the first reviewer, then the next, then blocked', async (_, answer, reviews) => {
    const world = createWorld({ wps: one, behave: reviewedBy(...Array(20).fill(answer)) })
    const { wpResults } = await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('blocked')
    expect(world.host.events.some(({ to }) => to === 'done' || to === 'approved')).toBe(false)
    expect(wpResults[0]?.reason).toMatch(/^review failed 4 times|^the same failure 3 times in a row/)
    expect(reviewersOf(world)).toEqual(['bob', 'bob', 'ada', 'ada'].slice(0, reviews))
    expect(world.host.events.at(-1)?.input.reviewResult).toMatchObject({ reference: 'review/WP01/no-verdict' })
    expect(world.store.record(wp('WP01')).cycle).toBe(1)
  })

  it('is asked once more of the same reviewer, then of the next one', async () => {
    const world = createWorld({ wps: one, behave: reviewedBy(writesProse, writesProse, approves) })
    await runWorld(world)
    expect(reviewersOf(world)).toEqual(['bob', 'bob', 'ada'])
    expect(world.host.lane(wp('WP01'))).toBe('approved')
  })
})

describe('what a reviewer is shown', () => {
  it('begins with what lay in the worktree, uncommitted, before the first attempt', async () => {
    const world = createWorld({ wps: one, behave: reviewedBy() })
    const life = createIncarnation(world.time)
    const claimed = async () => {
      while (world.store.record(wp('WP01')).laneBranch === null) await world.time.delay(1)
      life.kill()
    }
    await world.time.drive(Promise.all([world.begin(life).whole(), claimed()]))
    expect(world.store.record(wp('WP01')).attempts).toEqual([])
    const before = head(worktreeOf(world))
    worktreeOf(world).dirtyBy = 'a person'

    await runWorld(world)

    const review = world.agents.finished.find(({ request }) => request.role === 'review')
    expect(review?.prompt).toContain(`git diff --no-ext-diff ${before} ${head(worktreeOf(world))}`)
  })

  it.each([
    [true, false],
    [false, true],
  ])('runs git: %s; the difference is in the prompt: %s', async (reviewerRunsGit, shown) => {
    const prompts: string[] = []
    const behave: Behaviour = request => {
      if (request.role === 'implementation') return implements_
      prompts.push(new TextDecoder().decode(request.prompt))
      return approves
    }
    await runWorld(createWorld({ wps: one, behave, agentFacts: { reviewerRunsGit } }))
    expect(prompts.map(prompt => prompt.includes('<difference of='))).toEqual([shown])
    expect(prompts.map(prompt => prompt.includes('git diff'))).toEqual([!shown])
  })
})

it('tells the reviewer the schema of its answer', async () => {
  const world = createWorld({ wps: one, behave: reviewedBy() })
  await runWorld(world)
  const review = world.agents.finished.find(({ request }) => request.role === 'review')
  const [, schema] = /fits this schema, as your whole final message:\n\n(.*)\n\n/.exec(review?.prompt ?? '') ?? []
  expect(schema).toBe(verdictJsonSchema())
  expect(JSON.parse(verdictJsonSchema())).toMatchObject({
    type: 'object',
    required: expect.arrayContaining(['verdict']),
  })
})

describe('a reviewer that does more than look', () => {
  it('changed the tree: put back and kept as a patch, its verdict counts', async () => {
    const world = createWorld({ wps: one, behave: reviewedBy({ ...approves, change: 'dirty' }) })
    await runWorld(world)
    expect(worktreeOf(world).dirtyBy).toBeNull()
    expect([...world.git.patches.keys()]).toEqual(['/logs/WP01/review-c1-a2.reviewer.patch'])
    expect(world.events.filter(event => event.type === 'tree-changed-during-review')).toHaveLength(1)
    expect(reviewersOf(world)).toEqual(['bob'])
  })

  it.each(['commit', 'other-branch'] as const)('made a %s: put back, its verdict is void', async change => {
    const world = createWorld({ wps: one, behave: reviewedBy({ ...approves, change }) })
    await runWorld(world)
    const { commits, checkedOut, branch } = worktreeOf(world)
    expect(commits.map(({ by }) => by)).toEqual(['host', 'WP01 implementation'])
    expect(checkedOut).toBe(branch)
    expect(reviewersOf(world)).toEqual(['bob', 'bob'])
    expect(world.host.lane(wp('WP01'))).toBe('approved')
  })
})

describe('a reviewer that was running when the machine went down', () => {
  it.each(['commit', 'dirty'] as const)('and left a %s: it is taken back before the next review', async change => {
    const world = createWorld({ wps: one, behave: reviewedBy() })
    const process = world.begin()
    const reviewing = async (): Promise<void> => {
      while (![...world.agents.live].some(({ role }) => role === 'review')) await world.time.delay(100)
      process.life.kill()
    }
    await world.time.drive(Promise.all([process.whole(), reviewing()]))
    await world.time.drive(world.agents.reboot())
    if (change === 'commit') world.git.commit(worktreeOf(world), 'WP01 review')
    else worktreeOf(world).dirtyBy = 'WP01 review'
    await runWorld(world)
    expect(worktreeOf(world).commits.map(({ by }) => by)).toEqual(['host', 'WP01 implementation'])
    expect([...world.git.patches.keys()]).toEqual(['/logs/WP01/review-c1-a2.leftovers.patch'])
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(world.store.record(wp('WP01')).attempts.map(({ result }) => result?.kind)).toEqual([
      'succeeded',
      'interrupted',
      'succeeded',
    ])
  })
})

describe('a verdict', () => {
  it('is for the commit that was reviewed: another one on top of it is reviewed again', async () => {
    const world = createWorld({ wps: one, behave: reviewedBy() })
    let meddled = false
    const meddle = async (): Promise<void> => {
      while (!world.events.some(event => event.type === 'verdict')) await world.time.delay(10)
      world.git.commit(worktreeOf(world), 'somebody')
      meddled = true
    }
    await world.time.drive(Promise.all([world.begin().whole(), meddle()]))
    expect(meddled).toBe(true)
    expect(reviewersOf(world)).toHaveLength(2)
    expect(world.host.events.at(-1)?.input.note).toMatch(new RegExp(`^approved at ${head(worktreeOf(world))}: `))
    expect(world.agents.approvals).toContain(`WP01 ${head(worktreeOf(world))}`)
  })

  it.each([
    ['approved', {}],
    ['done', { review: { complete_as: 'done' } }],
  ])('in its favour ends in %s with %j; the host is told the commit and the checks', async (lane, more) => {
    const world = createWorld({ wps: one, behave: reviewedBy(), config: configOf({ ...more, checks: ['npm test'] }) })
    const { finish } = await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe(lane)
    expect(finish?.complete).toBe(true)
    const { note, evidence } = world.host.events.at(-1)?.input ?? {}
    const commit = head(worktreeOf(world))
    expect(note).toMatch(new RegExp(`^approved at ${commit}: .*\ncheck npm test: pass, exit 0$`))
    // The host lets a WP leave in_progress for approved when it is given evidence.
    const verification = [{ command: 'npm test', result: 'pass', summary: 'exit 0' }]
    if (lane === 'done') expect(evidence).toMatchObject({ repos: [{ commit }], verification })
    else expect(evidence).toBeUndefined()
  })

  it('against it, max_cycles times, asks a person; the cycles were spent', async () => {
    const config = configOf({ review: { max_cycles: 2 } })
    const world = createWorld({ wps: one, behave: reviewedBy(rejects, rejects, rejects), config })
    const { wpResults } = await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('blocked')
    expect(wpResults[0]?.reason).toContain('rejected 2 times (review.max_cycles)')
    expect(world.host.events.at(-1)?.input.note).toContain('it is wrong')
    expect(reviewersOf(world)).toHaveLength(2)
  })
})

describe('who reviews', () => {
  it.each([
    ['prefer_other', ['ada', 'bob'], 'ada', 'bob'],
    ['prefer_other', ['ada'], 'ada', 'ada'],
    ['any', ['ada', 'bob'], 'ada', 'ada'],
    ['require_other', ['ada', 'bob'], 'ada', 'bob'],
  ] as const)('%s of %j, when %s implemented: %s', async (reviewer, review, implementer, expected) => {
    const config = configOf({ review: { reviewer }, agents: { implementation: [implementer], review: [...review] } })
    const world = createWorld({ wps: one, behave: reviewedBy(), config })
    await runWorld(world)
    expect(reviewersOf(world)).toEqual([agent(expected)])
  })

  it('require_other with no one else: blocked, and the reason says so', async () => {
    const config = configOf({
      review: { reviewer: 'require_other' },
      agents: { implementation: ['ada'], review: ['ada'] },
    })
    const world = createWorld({ wps: one, behave: reviewedBy(), config })
    const { wpResults } = await runWorld(world)
    expect(world.agents.finished).toHaveLength(1)
    expect(wpResults[0]?.reason).toContain('require_other')
  })
})

describe('an implementation', () => {
  const implementedBy =
    (...attempts: readonly Action[]): Behaviour =>
    (request, index) =>
      request.role === 'review' ? approves : (attempts[index] ?? implements_)

  it('that only left its work uncommitted is committed by us', async () => {
    const world = createWorld({ wps: one, behave: implementedBy({ ...implements_, change: 'dirty' }) })
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(world.events.find(event => event.type === 'work-committed')).toMatchObject({
      message: 'WP01: attempt 1 by ada',
    })
  })

  it('that changed nothing does not count, and is tried again', async () => {
    const world = createWorld({ wps: one, behave: implementedBy({ ...implements_, change: 'none' }) })
    await runWorld(world)
    expect(world.events.find(event => event.type === 'attempt-void')).toMatchObject({ failure: { class: 'no-change' } })
    expect(world.host.lane(wp('WP01'))).toBe('approved')
  })

  it('that failed leaves what it did to the next one, whose prompt says so', async () => {
    const world = createWorld({ wps: one, behave: implementedBy(fails('timed-out', { change: 'dirty' })) })
    await runWorld(world)
    const second = world.agents.finished[1]?.prompt ?? ''
    expect(second).toContain('Continue where an earlier attempt ended')
    expect(second).toContain('timed-out')
    expect(worktreeOf(world).commits).toHaveLength(3)
  })
})
