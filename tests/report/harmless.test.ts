import { once } from 'node:events'
import { expect, it } from 'vitest'
import { harmless } from '../../src/report/harmless.ts'

async function shown(pieces: readonly Buffer[]): Promise<string> {
  const filter = harmless()
  const seen: Buffer[] = []
  filter.on('data', (piece: Buffer) => seen.push(piece))
  const ended = once(filter, 'end')
  for (const piece of pieces) filter.write(piece)
  filter.end()
  await ended
  return Buffer.concat(seen).toString()
}

const printed = [
  'plain ✓ 日本 😀\n\tnext\r\nline\rover ',
  '\u001b[31mred\u001b[0m \u001b[2J\u001b[?1049h',
  '\u001b]0;title\u0007\u001b]8;;https://x.invalid\u001b\\link\u001b]8;;\u001b\\\u001b]52;c;aGk=\u0007',
  '\u001bPdevice\u001b\\\u001b_app\u001b\\\u001bc\u009b31m\u009d52;c;x\u0007',
  'safe\u202etxt\u2066.\u200bexe\u0000\u0008\u007f\u061c end\r',
].join('')
const expected = 'plain ✓ 日本 😀\n\tnext\nline\nover red link52;c;xsafetxt.exe end\n'

it('shows on a terminal what was printed and nothing that works on the terminal, however it comes in pieces', async () => {
  const bytes = Buffer.from(printed)
  expect(await shown([bytes])).toBe(expected)
  expect(await shown([...bytes].map(byte => Buffer.from([byte])))).toBe(expected)
  for (let at = 0; at <= bytes.length; at += 1) {
    expect(await shown([bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toBe(expected)
  }
})

it('holds back no more than a sequence can be long', async () => {
  const text = `\u001b]${'x'.repeat(10_000)}\nafter\n`
  const filter = harmless()
  filter.write(Buffer.from(text))
  expect(filter.readableLength).toBeGreaterThanOrEqual(0)
  expect(await shown([Buffer.from(text), Buffer.from('last\n')])).toContain('last')
})

it('shows what is no UTF-8 as a sign for it', async () => {
  expect(await shown([Buffer.from([0x61, 0xff, 0xc3]), Buffer.from([0x28, 0x0a])])).toBe('a\ufffd\ufffd(\n')
})
