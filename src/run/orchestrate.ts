import type { WpId } from '../core/ids.ts'
import { activeWps } from '../core/mission/mission-schedule.ts'
import type { WpRecord } from '../core/work-package/work-package.ts'
import { answerRequest } from './answer-request.ts'
import { beginLoop } from './begin-loop.ts'
import { lookOnce } from './look-once.ts'
import { type Loop, scheduleInputOf, startWp } from './loop.ts'
import { countLanes, type Mission } from './mission/look.ts'
import { whatToStart } from './mission/what-to-start.ts'
import { type WpResult, wpResultsOf } from './mission/wp-result.ts'
import { obstacleIn } from './obstacle.ts'
import type { RunContext } from './run-context.ts'
import { dueAt, dueAtWithoutRetries, hasWorkLeft, lastingOf } from './when-due.ts'

/**
 * The loop: look at the host, start what can start, wait for something to happen, look again if the host may know more
 * than this run. It ends when no agent runs, nothing can start and nothing waits for a time, and the last look began after
 * all of that. Every unfinished WP then has a reason.
 */
export async function orchestrate(
  run: RunContext,
  first: Mission,
  records: ReadonlyMap<WpId, WpRecord>,
): Promise<readonly WpResult[]> {
  const loop = await beginLoop(run, first, records)
  const isAnswering = serveRequests(loop)
  for (const wpId of run.adopted.keys()) startWp(loop, wpId)
  await goOn(loop, isAnswering).catch(loop.fail)
  // Also after an error, the run is over only when nothing of it is running.
  await loop.drivers.allEnded()
  await loop.questions.allAnswered()
  await Promise.all([...run.adopted.values()].map(adopted => adopted.over.catch(loop.fail)))
  await run.requests.close()
  if (loop.failures.length > 0) throw loop.failures[0]
  const last = scheduleInputOf(loop)
  const closed = new Map([...lastingOf(loop), ...last.closed])
  return wpResultsOf(loop.known(), { ...last, closed }, run.stopping.aborted)
}

/** Returns whether a request is being carried out. */
function serveRequests(loop: Loop): () => boolean {
  let answering = 0
  loop.run.requests.serve(async request => {
    answering += 1
    try {
      return await answerRequest(request, loop)
    } finally {
      answering -= 1
      loop.looks.want()
      loop.bell.ring()
    }
  })
  return () => answering > 0
}

async function goOn(loop: Loop, isAnswering: () => boolean): Promise<void> {
  const { run, watch, bell, looks, questions } = loop
  const { clock, report } = run.ports
  const isOver = () => loop.failures.length > 0 || run.stopping.aborted
  let lastNow = clock.now()
  while (!isOver()) {
    if (clock.now() < lastNow) loop.apply({ type: 'clock-set-back' })
    lastNow = clock.now()
    const startable = watch.trouble() ? [] : await whatToStart(loop)
    const ready = hasWorkLeft(loop, startable) || isAnswering() ? startable : []
    loop.recording.obstacle(obstacleIn(loop, startable.length > ready.length))
    report({ type: 'looked', lanes: countLanes(loop.known().nodes), ready })
    for (const wpId of ready) startWp(loop, wpId)
    const isIdle = activeWps(loop.known()).size === 0 && !loop.known().paused && !isAnswering() && !questions.areOpen()
    if (isIdle && dueAtWithoutRetries(loop) === Number.POSITIVE_INFINITY) {
      const lasting = watch.lasting()
      if (lasting) throw lasting
      if (looks.isFresh()) return
      looks.want()
    } else {
      await bell.wait(Math.min(dueAt(loop) - clock.now(), looks.pauseMs()), run.stopping)
      if (!bell.reset()) looks.want()
    }
    if (!isOver() && looks.isDue()) await lookOnce(loop)
  }
}
