import { describe, expect, it } from 'vitest'
import type { EarlierStatement, Finding } from '../../src/core/judgement/review.ts'
import type { AttemptRequest } from '../../src/run/ports.ts'
import { type Action, implements_ } from '../run/fakes/scripted-agents.ts'
import { seededRandom } from '../run/fakes/virtual-time.ts'
import { configOf, createWorld, runWorld, type World, wp } from '../run/fakes.ts'
import { type Asked, answers, asked, finding, said, stated } from './reviewers.ts'

const wpId = wp('WP01')

type Review = (seen: Asked, request: AttemptRequest) => Action

/** One WP, whose reviewers are asked until it is approved or a person is needed. Nothing changes `old.ts`. */
async function reviewed(review: Review, more: Parameters<typeof configOf>[0] = {}): Promise<World> {
  const world = createWorld({
    wps: [{ wpId }],
    behave: request => (request.role === 'implementation' ? implements_ : review(asked(request.prompt), request)),
    config: configOf(more),
  })
  world.git.unchanged.add('old.ts')
  await runWorld(world)
  return world
}

const fixedAll = ({ earlier }: Asked) => earlier.map(({ number }) => stated(number, 'fixed'))
const isApproved = (world: World) => world.host.lane(wpId) === 'approved'
const verdictsOf = (world: World) => world.events.flatMap(event => (event.type === 'verdict' ? [event] : []))

describe('a reviewer that finds a fresh nit each time', () => {
  it.each([
    ['low', 'a.ts:3'],
    ['low', 'old.ts:3'],
    ['low', 'WP01'],
    ['medium', 'old.ts:3'],
    ['medium', 'old.ts'],
    ['medium', 'WP01'],
  ] as const)(
    'of %s severity at %s is done within 2 cycles, the nits are in the follow-ups',
    async (severity, place) => {
      let count = 0
      const world = await reviewed(seen => {
        count += 1
        return answers(
          said('changes_requested', [finding(severity, place, `nit ${'i'.repeat(count)}`)], fixedAll(seen)),
        )
      })
      expect(isApproved(world)).toBe(true)
      expect(world.store.record(wpId).cycle).toBe(2)
      const last = verdictsOf(world).at(-1)
      expect(last).toMatchObject({ verdict: 'approved', given: 'changes_requested', findings: [{ severity }] })
      expect(last?.followUps.map(({ problem }) => problem)).toEqual([`nit ${'i'.repeat(count)}`])
      // It was asked what blocks before its request for changes was taken for an approval.
      const reasons = world.store.record(wpId).attempts.flatMap(({ asked: what = [] }) => what)
      expect(reasons.at(-1)).toBe('what-blocks')
      expect(world.host.events.at(-1)?.input.note).toMatch(
        /^approved at \S+ \(bob asked for changes, and nothing that it named blocks\): as said\nfollow-ups, not required:\n- \[\w+\] \S+ nit i+$/,
      )
    },
  )

  it('of another real finding first is done as soon as that is fixed', async () => {
    const world = await reviewed(seen =>
      seen.earlier.length === 0
        ? answers(said('changes_requested', [finding('high', 'a.ts:3', 'it leaks'), finding('low', 'a.ts:4', 'nit')]))
        : answers(said('changes_requested', [finding('low', 'a.ts:9', 'another nit')], fixedAll(seen))),
    )
    expect(isApproved(world)).toBe(true)
    expect(verdictsOf(world).map(({ verdict }) => verdict)).toEqual(['changes_requested', 'approved'])
    const { followUps, judgement, earlierFindings } = world.store.record(wpId)
    expect([...followUps, ...(judgement?.followUps ?? [])].map(({ problem }) => problem)).toEqual([
      'nit',
      'another nit',
    ])
    expect(earlierFindings.map(({ problem }) => problem)).toEqual(['it leaks'])
  })
})

/** How a reviewer that sees the defect may speak of it. None of these is to lead to an approval. */
function seesDefect(seen: Asked, random: () => number): Action {
  const pick = <T>(...list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0]
  const word = pick('approved', 'changes_requested', 'changes_requested')
  const place = pick('a.ts:7', 'old.ts:7', 'a.ts', 'WP01', 'nowhere/b.ts:7', 'a.ts:700', '')
  const again = pick(finding('high', place, 'the defect'), finding('high', place, 'the defect, in other words'))
  const noise = [finding('low', pick('a.ts:1', 'nowhere/a.ts'), 'a nit'), finding('medium', 'old.ts:1', 'a doubt')]
  const about = seen.earlier.find(({ words }) => words.includes('the defect'))
  const others = seen.earlier
    .filter(entry => entry !== about)
    .map(({ number }) => stated(number, pick('fixed', 'open')))
  const fresh = noise.filter(() => random() < 0.5)
  if (!about) return answers(said(word, shuffled([again, ...fresh], random), others))
  const of = (state: EarlierStatement['state'], at: string) => stated(about.number, state, at)
  const spoken = pick<readonly [readonly EarlierStatement[], readonly Finding[]]>(
    [[of('open', place)], []],
    [[of('open', place)], [again]],
    // Says that it is fixed, and raises it again.
    [[of('fixed', 'a.ts:7')], [again]],
    [[of('fixed', 'nowhere/b.ts:7')], []],
    [[], []],
    [[], [again]],
    [[of('fixed', 'a.ts:7'), of('open', 'a.ts:7')], []],
    [[of('withdrawn', 'a.ts:7')], [again]],
    [[{ ...of('withdrawn', 'a.ts:7'), note: null }], []],
  )
  return answers(said(word, [...spoken[1], ...fresh], shuffled([...others, ...spoken[0]], random)))
}

function shuffled<T>(list: readonly T[], random: () => number): readonly T[] {
  return list
    .map(item => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

describe('a seeded high defect', () => {
  it('never passes in 200 convergences, however its reviewers speak of it', async () => {
    let rejections = 0
    let refused = 0
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = seededRandom(seed)
      const world = await reviewed(seen => seesDefect(seen, random), { review: { max_cycles: 4 } })
      expect([seed, world.host.lane(wpId)]).toEqual([seed, 'blocked'])
      expect(world.host.events.filter(({ to }) => to === 'approved' || to === 'done')).toEqual([])
      rejections += verdictsOf(world).length
      refused += world.events.filter(({ type }) => type === 'attempt-void').length
    }
    // Both kinds of answers were met, many times.
    expect(rejections).toBeGreaterThan(150)
    expect(refused).toBeGreaterThan(300)
  }, 120_000)

  it('passes in none of 200 convergences before it is fixed, and then does', async () => {
    let done = 0
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = seededRandom(seed)
      const fixedIn = 2 + Math.floor(random() * 2)
      const world = await reviewed(
        (seen, { cycle }) =>
          cycle < fixedIn
            ? answers(
                said(
                  'changes_requested',
                  [finding('high', 'a.ts:7', `the defect ${'i'.repeat(cycle)}`)],
                  fixedAll(seen),
                ),
              )
            : answers(
                said(
                  random() < 0.5 ? 'approved' : 'changes_requested',
                  [finding('low', 'a.ts:1', 'nit')],
                  fixedAll(seen),
                ),
              ),
        { review: { max_cycles: 4 } },
      )
      const approved = verdictsOf(world).findIndex(({ verdict }) => verdict === 'approved')
      expect([seed, approved]).toEqual([seed, fixedIn - 1])
      done += isApproved(world) ? 1 : 0
    }
    expect(done).toBe(200)
  }, 120_000)
})

describe('a finding without an existing place', () => {
  it('is asked for once more, then not believed: the next reviewer is asked, and nobody implements it', async () => {
    const world = await reviewed((_, { agent }) =>
      answers(
        agent === 'bob'
          ? said('changes_requested', [finding('high', 'nowhere/b.ts:3', 'made up')])
          : said('approved', []),
      ),
    )
    const reviews = world.agents.finished.filter(({ request }) => request.role === 'review')
    expect(reviews.map(({ request }) => request.agent)).toEqual(['bob', 'bob', 'ada'])
    expect(reviews[1]?.prompt).toContain(
      '- Yours: no verdict: finding 1 names nowhere/b.ts, which is no file of the reviewed commit',
    )
    expect(reviews[2]?.prompt).toContain(
      '- Of bob: no verdict: changes requested, but no finding that blocks names a place',
    )
    expect(world.store.record(wpId).cycle).toBe(1)
    expect(isApproved(world)).toBe(true)
  })

  it('beside one that exists, is left out of what is to be fixed, and counted', async () => {
    const world = await reviewed(seen =>
      seen.earlier.length > 0
        ? answers(said('approved', [], fixedAll(seen)))
        : answers(
            said('changes_requested', [
              finding('high', 'nowhere/b.ts:3', 'made up'),
              finding('medium', 'a.ts:3', 'real'),
            ]),
          ),
    )
    const [rejection] = verdictsOf(world)
    expect(rejection).toMatchObject({ verdict: 'changes_requested', notBelieved: 1, findings: [{ problem: 'real' }] })
    const rework = world.agents.finished.findLast(({ request }) => request.role === 'implementation')
    expect(rework?.prompt).toContain('1. [medium] a.ts:3 real')
    expect(rework?.prompt).not.toContain('made up')
    expect(isApproved(world)).toBe(true)
  })
})
