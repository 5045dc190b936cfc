import { Transform } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { printable } from '../core/text.ts'

/** The most that is held back: a longer sequence is not a real one. */
const longestSequence = 4096

/** At the end of a chunk: a sequence that may continue in the next one, or a carriage return that may be half a line end. */
const unfinished = new RegExp(
  [
    String.raw`(?:\x9b[0-?]*[ -/]*|\x1b(?:\[[0-?]*[ -/]*`,
    String.raw`\][^\x07\x1b]*\x1b?`,
    String.raw`[PX^_][^\x1b]*\x1b?`,
    String.raw`[ -/]*)?|\r)$`,
  ].join('|'),
)

/** Removes control sequences: an agent's output could move the cursor, rename the terminal or write the clipboard. */
export function harmless(): Transform {
  const decoder = new StringDecoder('utf8')
  let held = ''
  const shown = (text: string, isEnd: boolean): string => {
    const all = held + text
    const from = isEnd ? -1 : all.slice(-longestSequence).search(unfinished)
    const cut = from < 0 ? all.length : Math.max(0, all.length - longestSequence) + from
    held = all.slice(cut)
    return printable(all.slice(0, cut))
  }
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, shown(decoder.write(chunk), false)),
    flush: done => done(null, shown(decoder.end(), true)),
  })
}
