import { describe, expect, it } from 'vitest'
import type { EventBody } from '../../../src/run/events/event.ts'
import { hostFailure } from '../../../src/run/host/host-outcome.ts'
import type { AttemptRequest } from '../../../src/run/ports.ts'
import { type Answer, createRequests, type PersonRequest } from '../../../src/run/requests/requests.ts'
import { approves, type Behaviour, fails, implements_ } from '../fakes/scripted-agents.ts'
import { configOf, createWorld, type Process, runWorld, type World, type WorldOptions, wp } from '../fakes.ts'

const straight: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)
const slowly: Behaviour = request => ({ ...straight(request, 0), ms: 300_000 })
const hourMs = 3_600_000
const [wp01, wp02, wp03] = [wp('WP01'), wp('WP02'), wp('WP03')]
const chain = [{ wpId: wp01 }, { wpId: wp02, dependencies: [wp01] }]

interface Asked {
  readonly world: World
  readonly process: Process
  readonly answers: Answer[]
}

/** Asks once, when the first such event is reported. */
function asking(
  options: WorldOptions,
  request: PersonRequest,
  when: (event: EventBody) => boolean,
  then: (asked: Asked) => void = () => {},
): Asked {
  const answers: Answer[] = []
  let asked = false
  const world = createWorld({
    ...options,
    onReport: event => {
      if (asked || !when(event)) return
      asked = true
      void process.ask(request).then(answer => {
        answers.push(answer)
        then({ world, process, answers })
      })
    },
  })
  const process = world.begin()
  return { world, process, answers }
}

const begins =
  (wpId: string, role = 'implementation') =>
  (event: EventBody) =>
    event.type === 'attempt-started' && event.wpId === wpId && event.role === role
const typesOf = (world: World) => world.events.map(({ type }) => type)

describe('pause', () => {
  const continueAfterAnHour = ({ world, process }: Asked) =>
    void world.time.delay(hourMs).then(() => process.ask({ kind: 'continue' }))

  it('lets an attempt end and its work be committed, begins nothing, and stays alive until it may continue', async () => {
    const behave: Behaviour = request => ({ ...straight(request, 0), change: 'dirty' })
    const options = { wps: [...chain, { wpId: wp03 }], behave, config: configOf({ max_concurrent_wps: 1 }) }
    const { world, process, answers } = asking(options, { kind: 'pause' }, begins('WP01'), continueAfterAnHour)
    await runWorld(world, process)
    const told = typesOf(world)
    const during = told.slice(told.indexOf('paused'), told.indexOf('continued'))
    expect(during).toContain('attempt-ended')
    expect(during).toContain('work-committed')
    expect(during.filter(type => type === 'attempt-started' || type === 'lane-changed')).toEqual([])
    expect(world.time.clock.now()).toBeGreaterThan(Date.UTC(2026, 0, 1) + hourMs)
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved', 'approved'])
    expect(answers).toMatchObject([{ done: true, message: 'paused' }])
  })

  it('holds an attempt that waits for a slot of its agent', async () => {
    const config = configOf({ agents: { settings: { ada: { max_concurrent: 1 } } } })
    const wps = [{ wpId: wp01 }, { wpId: wp02 }]
    const { world, process } = asking({ wps, behave: straight, config }, { kind: 'pause' }, begins('WP01'), asked =>
      continueAfterAnHour(asked),
    )
    await runWorld(world, process)
    const told = typesOf(world)
    expect(told.slice(told.indexOf('paused'), told.indexOf('continued'))).not.toContain('attempt-started')
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
  })

  it('is obeyed before any agent begins, and a second one changes nothing', async () => {
    const world = createWorld({ wps: chain, behave: straight })
    const process = world.begin()
    const answers = Promise.all([process.ask({ kind: 'pause' }), process.ask({ kind: 'pause' })])
    void world.time.delay(hourMs).then(async () => {
      await process.ask({ kind: 'continue' })
      expect(await process.ask({ kind: 'continue' })).toMatchObject({ done: true, message: 'the run was not paused' })
    })
    await runWorld(world, process)
    expect((await answers).map(({ message }) => message)).toEqual(['paused', 'the run is already paused'])
    expect(typesOf(world).filter(type => type === 'paused' || type === 'continued')).toEqual(['paused', 'continued'])
    expect(typesOf(world).indexOf('continued')).toBeLessThan(typesOf(world).indexOf('attempt-started'))
  })

  it('does not keep a run from being stopped', async () => {
    const world = createWorld({ wps: chain, behave: straight })
    const process = world.begin()
    void process.ask({ kind: 'pause' })
    void world.time.delay(hourMs).then(() => process.stop())
    const { wpResults } = await runWorld(world, process)
    expect(wpResults.map(({ reason }) => reason)).toEqual([null, null])
    expect(typesOf(world)).not.toContain('attempt-started')
    expect(await process.ask({ kind: 'continue' })).toMatchObject({ done: false, message: 'the run is ending' })
  })
})

describe('retry', () => {
  const refusesFirst = (): Behaviour => {
    const seen = new Set<string>()
    return request => {
      if (request.wpId !== 'WP01' || request.role === 'review') return straight(request, 0)
      if (seen.size === 2) return { ...implements_, ms: 1_000 }
      seen.add(request.agent)
      return { ...fails('refused'), ms: 1_000 }
    }
  }
  const needsPerson = (event: EventBody) => event.type === 'needs-person'

  it('takes a blocked WP up again in the run that is running', async () => {
    const wps = [{ wpId: wp01 }, { wpId: wp02 }]
    const request = { kind: 'retry', wpId: wp01, reason: 'looked at it' } as const
    const { world, process, answers } = asking({ wps, behave: refusesFirst() }, request, needsPerson)
    await runWorld(world, process)
    expect(answers).toEqual([{ done: true, message: 'WP01 blocked -> in_progress', hint: null }])
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
    const moved = world.host.events.find(({ from, to }) => from === 'blocked' && to === 'in_progress')
    expect(moved?.input).toMatchObject({ note: 'retry: looked at it' })
    const blocked = world.host.events.find(({ to }) => to === 'blocked')
    expect(blocked?.input.note).toMatch(/tried:\n- attempt 1 .*refused.*\n- attempt 2 .*refused/)
    expect(blocked?.input.note).toMatch(/logs: .*WP01\nnext: sko retry WP01\nnext: sko skip WP01$/)
  })

  it('keeps the run alive where this was all that was left', async () => {
    const request = { kind: 'retry', wpId: wp01, reason: null } as const
    const { world, process, answers } = asking({ wps: [{ wpId: wp01 }], behave: refusesFirst() }, request, needsPerson)
    await runWorld(world, process)
    expect(answers).toMatchObject([{ done: true }])
    expect(world.host.lane(wp01)).toBe('approved')
  })

  it('takes up a WP that was left to someone else', async () => {
    const wps = [{ wpId: wp01 }, { wpId: wp02 }]
    const options = { wps, behave: (request: AttemptRequest) => ({ ...straight(request, 0), ms: 120_000 }) }
    const request = { kind: 'retry', wpId: wp01, reason: null } as const
    const taken = (event: EventBody) => event.type === 'wp-taken-away'
    const { world, process, answers } = asking(options, request, taken)
    void world.time.delay(70_000).then(() => world.host.put(wp01, 'planned'))
    await runWorld(world, process)
    expect(answers).toMatchObject([{ done: true, message: 'WP01 (planned) is picked up again' }])
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
  })

  // The look of the loop, half a minute after the one before, comes back while the record is saved.
  it.each([29_990, 29_995, 30_000])('begins with fresh counters, also where the loop looks meanwhile: %i', async ms => {
    const options = { wps: [{ wpId: wp01 }, { wpId: wp02 }], behave: slowly }
    const request = { kind: 'retry', wpId: wp01, reason: null } as const
    const world = createWorld(options)
    const process = world.begin()
    const looksAfter = () => {
      const told = typesOf(world)
      const taken = told.indexOf('wp-taken-away')
      return taken < 0 ? 0 : told.slice(taken).filter(type => type === 'looked').length
    }
    void world.time.delay(70_000).then(async () => {
      world.host.put(wp01, 'planned')
      while (looksAfter() < 3) await world.time.delay(1)
      await world.time.delay(ms - 1)
      expect(await process.ask(request)).toMatchObject({ done: true })
    })
    await runWorld(world, process)
    expect(world.store.record(wp01).retriedAfterAttempt).toBeGreaterThan(0)
  })

  it('of one that is blocked while the host is asked for it finds it blocked', async () => {
    // The host answers late with what was before.
    let slow = false
    const random = () => (slow ? 0.99 : 0.01)
    const options = { wps: [{ wpId: wp01 }], behave: refusesFirst(), random }
    const request = { kind: 'retry', wpId: wp01, reason: null } as const
    const { world, process, answers } = asking(options, request, event => {
      slow = event.type === 'attempt-ended' && event.attempt === 2
      const notForLong = () => {
        slow = false
      }
      if (slow) void world.time.delay(0.5).then(notForLong)
      return slow
    })
    await runWorld(world, process)
    expect(answers).toMatchObject([{ done: true, message: 'WP01 blocked -> in_progress' }])
    expect(world.host.lane(wp01)).toBe('approved')
  })

  it('is refused for one that a budget holds, with the way out', async () => {
    const config = configOf({ budget: { work_package: { usd: 0.01 } } })
    const options = { wps: [{ wpId: wp01 }, { wpId: wp02 }], behave: slowly, config }
    const isReached = (event: EventBody) => event.type === 'budget' && event.level === 'reached'
    const request = { kind: 'retry', wpId: wp01, reason: null } as const
    const { world, process, answers } = asking(options, request, isReached)
    await runWorld(world, process)
    expect(answers).toMatchObject([
      { done: false, message: expect.stringMatching(/^WP01 is .* -> sko resume --wp-budget-usd /) },
    ])
  })

  it.each([
    ['one that is running', begins('WP01'), wp01, /^WP01 is being worked on \(in_progress\)$/],
    ['one that nothing holds', begins('WP01'), wp02, /^WP02 is planned, and nothing holds it back$/],
    ['one that the mission does not have', begins('WP01'), wp03, /^the mission has no WP03$/],
    ['one that is approved', begins('WP02'), wp01, /^WP01 is already approved$/],
  ])('is refused for %s', async (_, when, wpId, message) => {
    const request = { kind: 'retry', wpId, reason: null } as const
    const { world, process, answers } = asking({ wps: chain, behave: straight }, request, when)
    await runWorld(world, process)
    expect(answers).toMatchObject([{ done: false, message: expect.stringMatching(message) }])
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
  })
})

describe('skip', () => {
  const skip = (wpId = wp01) => ({ kind: 'skip', wpId, reason: 'not needed' }) as const

  it('stops the agent, keeps its work, cancels the WP, and what depends on it begins', async () => {
    const behave: Behaviour = request => ({ ...straight(request, 0), change: 'dirty', ms: 600_000 })
    const { world, process, answers } = asking({ wps: chain, behave }, skip(), begins('WP01'))
    const { wpResults, finish } = await runWorld(world, process)
    expect(world.host.lanes()).toEqual({ WP01: 'canceled', WP02: 'approved' })
    expect(finish).toMatchObject({
      complete: false,
      next: [{ command: expect.stringMatching(/^spec-kitty accept --mission /) }],
    })
    const move = world.host.events.find(({ to }) => to === 'canceled')
    expect(move).toMatchObject({ from: 'in_progress', input: { note: 'skipped: not needed' } })
    const interrupted = world.agents.finished.filter(attempt => attempt.interrupted)
    expect(interrupted.map(({ request }) => request.wpId)).toEqual(['WP01'])
    expect(answers).toMatchObject([{ done: true, message: 'WP01 in_progress -> canceled' }])
    expect(answers[0]?.hint).toContain('work packages that depend on it may start')
    expect(wpResults[0]?.reason).toContain('canceled')
  })

  it('is reported as what it is where the run is stopped after it', async () => {
    const behave: Behaviour = request => ({ ...straight(request, 0), ms: 600_000 })
    const { world, process } = asking({ wps: chain, behave }, skip(), begins('WP01'), asked => asked.process.stop())
    const { wpResults } = await runWorld(world, process)
    expect(wpResults.map(({ node, reason }) => [node.lane, reason])[0]).toEqual(['canceled', null])
  })

  it('gives the host the review result it wants where a review was under way', async () => {
    const { world, process } = asking({ wps: chain, behave: straight }, skip(), begins('WP01', 'review'))
    await runWorld(world, process)
    expect(world.host.lanes()).toEqual({ WP01: 'canceled', WP02: 'approved' })
    const reviewResult = { verdict: 'changes_requested', reference: 'review/WP01/skipped' }
    expect(world.host.events.find(({ to }) => to === 'canceled')?.input).toMatchObject({ reviewResult })
  })

  it.each([
    ['planned', begins('WP01'), wp02],
    ['blocked', (event: EventBody) => event.type === 'needs-person', wp01],
  ])('cancels one that is %s', async (lane, when, wpId) => {
    const behave: Behaviour = request =>
      lane === 'blocked' && request.wpId === 'WP01' ? fails('refused') : straight(request, 0)
    const { world, process, answers } = asking({ wps: chain, behave }, skip(wpId), when)
    await runWorld(world, process)
    expect(world.host.lane(wpId)).toBe('canceled')
    expect(answers).toMatchObject([{ done: true, message: `${wpId} ${lane} -> canceled` }])
  })

  it('is refused for one that is approved, and leaves it so', async () => {
    const { world, process, answers } = asking({ wps: chain, behave: straight }, skip(), begins('WP02'))
    await runWorld(world, process)
    expect(answers).toEqual([{ done: false, message: 'WP01 is already approved', hint: null }])
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
  })

  it('of one that waits for a slot of its agent does not wait for that slot, nor does what is asked after it', async () => {
    const config = configOf({ agents: { settings: { ada: { max_concurrent: 1 } } } })
    const wps = [{ wpId: wp01 }, { wpId: wp02 }]
    const behave: Behaviour = request => ({ ...straight(request, 0), ms: hourMs })
    const { world, process, answers } = asking({ wps, behave, config }, skip(wp02), begins('WP01'))
    await runWorld(world, process)
    const told = typesOf(world)
    expect(answers).toMatchObject([{ done: true, message: 'WP02 in_progress -> canceled' }])
    const canceled = world.events.findIndex(event => event.type === 'lane-changed' && event.to === 'canceled')
    expect(canceled).toBeLessThan(told.indexOf('attempt-ended'))
    expect(told.filter(type => type === 'attempt-started')).toHaveLength(2)
    expect(world.host.lanes()).toEqual({ WP01: 'approved', WP02: 'canceled' })
  })

  it('of one that waits for a limit ends the run where nothing else is left', async () => {
    const behave: Behaviour = () => fails('usage-limit', { resetsInMs: 5 * hourMs })
    const waits = (event: EventBody) => event.type === 'wp-waiting'
    const { world, process, answers } = asking({ wps: [{ wpId: wp01 }], behave }, skip(), waits)
    await runWorld(world, process)
    expect(answers).toMatchObject([{ done: true }])
    expect(world.time.clock.now()).toBeLessThan(Date.UTC(2026, 0, 1) + hourMs)
  })

  it('that the host refuses leaves the WP as it was, to continue', async () => {
    let refusals = 0
    const fault: NonNullable<WorldOptions['fault']> = (command, wpId) => {
      if (command !== 'transition' || wpId !== 'WP02' || refusals > 0) return null
      refusals += 1
      return hostFailure('TRANSITION_REJECTED', 'not now')
    }
    const { world, process, answers } = asking({ wps: chain, behave: straight, fault }, skip(wp02), begins('WP01'))
    await runWorld(world, process)
    expect(answers).toMatchObject([{ done: false, message: 'the host refused it (TRANSITION_REJECTED): not now' }])
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
  })
})

describe('requests', () => {
  const pause = { kind: 'pause' } as const

  it('are obeyed one after the other, also those that came before anybody served', async () => {
    const requests = createRequests()
    const seen: string[] = []
    const first = requests.ask(pause)
    requests.serve(async ({ kind }) => {
      seen.push(`${kind} begins`)
      await new Promise(resolve => setImmediate(resolve))
      seen.push(`${kind} ends`)
      return { done: true, message: kind, hint: null }
    })
    await Promise.all([first, requests.ask({ kind: 'continue' })])
    expect(seen).toEqual(['pause begins', 'pause ends', 'continue begins', 'continue ends'])
  })

  it('are answered when what they ask for breaks, and those after them are obeyed', async () => {
    const requests = createRequests()
    requests.serve(async ({ kind }) => {
      if (kind === 'pause') throw new Error('the host is gone')
      return { done: true, message: kind, hint: null }
    })
    expect(await requests.ask(pause)).toEqual({ done: false, message: 'the host is gone', hint: null })
    expect(await requests.ask({ kind: 'continue' })).toMatchObject({ done: true })
  })

  it('that come too late, or that were not served, are answered', async () => {
    const requests = createRequests()
    const early = requests.ask(pause)
    await requests.close()
    expect(await early).toMatchObject({ done: false, message: 'the run is ending' })
    expect(await requests.ask(pause)).toMatchObject({ done: false })
  })
})
