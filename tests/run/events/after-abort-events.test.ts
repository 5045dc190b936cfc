import { expect, it } from 'vitest'
import { asAfterAbort } from '../../../src/run/events/after-abort-events.ts'
import type { EventBody } from '../../../src/run/events/event.ts'
import { oneOfEach } from '../../report/events.ts'

const told = 'fix it, then: sko resume'

/** The event with these words in each field that says what a person does next. */
function saying(event: EventBody): EventBody {
  const hint = 'hint' in event ? { hint: told } : {}
  return { ...event, ...hint, ...('next' in event ? { next: [{ command: 'sko resume', why: told }] } : {}) }
}

it.each(Object.values(oneOfEach))('$type of a run that is being aborted does not say sko resume', event => {
  const said = asAfterAbort(saying(event), 'demo')

  expect(JSON.stringify(said)).toBe(
    JSON.stringify(saying(event)).replaceAll('sko resume', 'sko orchestrate --mission demo'),
  )
})
