import { expect, it } from 'vitest'
import { answers, asked, finding, said, stated } from '../../sim/reviewers.ts'
import { type Action, type Behaviour, implements_ } from '../fakes/scripted-agents.ts'
import { createWorld, runWorld, type World, type WorldOptions, wp } from '../fakes.ts'

const wpId = wp('WP01')
const rejection = said('changes_requested', [finding('high', 'a.ts:3', 'it leaks')])

/** `reviews`: the answers, in order, after which each is an approval that states all as fixed. */
function worldWith(reviews: readonly Action[], more: Partial<WorldOptions> = {}): World {
  const left = [...reviews]
  const behave: Behaviour = ({ role, prompt }) => {
    if (role === 'implementation') return implements_
    const fixed = asked(prompt).earlier.map(({ number }) => stated(number, 'fixed'))
    return left.shift() ?? answers(said('approved', [], fixed))
  }
  return createWorld({ wps: [{ wpId }], behave, ...more })
}

const promptsOf = (world: World, role: string) =>
  world.agents.finished.filter(({ request }) => request.role === role).map(({ prompt }) => prompt)
const laneOf = (world: World) => world.git.at(world.host.worktreePath(wpId))

it('a re-review is shown what has changed since the last reviewed commit, and the whole work', async () => {
  const world = worldWith([answers(rejection)])
  await runWorld(world)
  const [base, first, second] = laneOf(world).commits.map(({ id }) => id)
  const [review, rereview] = promptsOf(world, 'review')
  expect(review).not.toContain('last review')
  expect(rereview).toContain(`The last review was of ${first}.`)
  expect(rereview).toMatch(
    new RegExp(
      `git diff --no-ext-diff ${first} ${second}\\n[\\s\\S]*diff of ${first}\\.\\.${second}\\n[\\s\\S]*diff of ${base}\\.\\.${second}\\n`,
    ),
  )
  expect(world.store.record(wpId).judgement).toMatchObject({
    commit: second,
    shown: [{ base, head: second }],
    verdict: { verdict: 'approved', earlier: [{ number: 1, state: 'fixed' }] },
  })
})

it.each([false, true])(
  'so is one who cannot run git, as a difference (prompt in an argument: %s)',
  async inArgument => {
    const agentFacts = { reviewerRunsGit: false, promptVia: inArgument ? 'argument' : 'stdin' } as const
    const world = worldWith([answers(rejection)], { agentFacts })
    await runWorld(world)
    const [base, first, second] = laneOf(world).commits.map(({ id }) => id)
    const rereview = promptsOf(world, 'review')[1]
    expect(rereview).toContain(`+ ${first}..${second}`)
    expect(rereview).toContain(`+ ${base}..${second}`)
  },
)

it('after a rewritten history the whole work is new, and a medium finding blocks wherever it is', async () => {
  const world = worldWith([
    answers(rejection),
    answers(said('changes_requested', [finding('medium', 'old.ts:3', 'a doubt')], [stated(1, 'fixed')])),
  ])
  world.git.unchanged.add('old.ts')
  const rewrite = async (): Promise<void> => {
    while (!world.host.events.some(({ to, from }) => from === 'in_review' && to === 'in_progress'))
      await world.time.delay(10)
    const { commits } = laneOf(world)
    commits.splice(1)
  }
  await world.time.drive(Promise.all([world.begin().whole(), rewrite()]))
  const rereview = promptsOf(world, 'review')[1]
  expect(rereview).toContain('The branch does not contain that commit any more')
  expect(rereview).not.toContain('has not changed since')
  const verdicts = world.events.flatMap(event => (event.type === 'verdict' ? [event] : []))
  expect(verdicts.map(({ findings }) => findings.map(({ problem }) => problem))).toEqual([
    ['it leaks'],
    ['a doubt'],
    [],
  ])
})

it('a medium finding on an unchanged line is a follow-up, also of a verdict that approves', async () => {
  const doubt = finding('medium', 'old.ts:3', 'a doubt')
  const world = worldWith([answers(rejection), answers(said('approved', [doubt], [stated(1, 'fixed')]))])
  world.git.unchanged.add('old.ts')
  await runWorld(world)
  expect(world.store.record(wpId).judgement).toMatchObject({ verdict: { verdict: 'approved' }, followUps: [doubt] })
  expect(world.host.events.findLast(({ to }) => to === 'approved')?.input.note).toContain(
    '\nfollow-ups, not required:\n- [medium] old.ts:3 a doubt',
  )
  const { judgement } = world.store.record(wpId)
  expect(judgement).not.toHaveProperty('given')
  expect(judgement).not.toHaveProperty('notBelieved')
})

it('what was asked once more counts only for the same reviewer and the same commit', async () => {
  const invented = answers(
    said('changes_requested', [finding('high', 'nowhere/a.ts:3', 'made up'), finding('high', 'a.ts:3', 'real')]),
  )
  const behave: Behaviour = request => (request.role === 'implementation' ? implements_ : invented)
  const world = createWorld({ wps: [{ wpId }], behave })
  let meddled = false
  const meddle = async (): Promise<void> => {
    while (!world.events.some(({ type }) => type === 'attempt-void')) await world.time.delay(1)
    world.git.commit(laneOf(world), 'somebody')
    meddled = true
  }
  await world.time.drive(Promise.all([world.begin().whole(), meddle()]))
  expect(meddled).toBe(true)
  const { attempts } = world.store.record(wpId)
  const first = attempts.filter(({ role, cycle }) => role === 'review' && cycle === 1)
  // bob twice, about different commits; then ada twice, about the same one.
  expect(first.map(({ agent, asked: what, result }) => [agent, what?.join(), result?.kind])).toEqual([
    ['bob', 'places', 'failed'],
    ['bob', 'places', 'failed'],
    ['ada', 'places', 'failed'],
    ['ada', undefined, 'succeeded'],
  ])
})

it('asks git for nothing where a verdict names no place', async () => {
  const world = worldWith([])
  const life = world.begin()
  const calls: string[] = []
  const { workspace } = life.run.ports
  const spy =
    <Args extends readonly unknown[], R>(name: string, call: (...args: Args) => R) =>
    (...args: Args) => {
      calls.push(name)
      return call(...args)
    }
  Object.assign(workspace, {
    lineCounts: spy('lineCounts', workspace.lineCounts),
    changedLines: spy('changedLines', workspace.changedLines),
  })
  await world.time.drive(life.whole())
  expect(world.host.lane(wpId)).toBe('approved')
  expect(calls).toEqual([])
})
