import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { quote, redact } from '../../src/core/text.ts'
import { head, tail } from '../../src/files/file-part.ts'

function scratch(): (name: string, content?: string | Buffer) => string {
  const folder = mkdtempSync(join(tmpdir(), 'sko part-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return (name, content) => {
    const file = join(folder, name)
    if (content !== undefined) writeFileSync(file, content)
    return file
  }
}

describe('the end of a log', () => {
  it.each([
    ['short', 100, 'short', false],
    ['one\ntwo\nthree', 9, 'three', true],
    ['one\rtwo\rthree', 9, 'three', true],
    ['no lines but words that it may be about', 30, 'may be about', true],
    ['x'.repeat(50), 10, '', true],
    ['', 10, '', false],
  ])('of %j, at most %i bytes, begins with no half of anything', (content, bytes, text, cut) => {
    expect(tail(scratch()('log', content), bytes)).toEqual({ text, cut })
  })

  it('takes bytes that are no UTF-8', () => {
    const file = scratch()('log', Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0xc3]))
    expect(tail(file, 100).text).toBe('a\ufffd\ufffd\n\ufffd')
  })

  it('is nothing where there is no file of ours: none, a link, a pipe without a writer, a device, a folder', () => {
    const path = scratch()
    symlinkSync(path('secret', 'of somebody'), path('link'))
    execFileSync('mkfifo', [path('pipe')])
    const files = [path('none'), path('link'), path('pipe'), '/dev/zero', tmpdir()]
    const nothing = { text: '', cut: false }
    expect(files.flatMap(file => [tail(file, 10), head(file, 10)])).toEqual(Array(10).fill(nothing))
  })
})

const secrets = [
  'AKIAQXQXQXQXQXQXQXQX',
  'ghp_QXqx12345678901234567890',
  'github_pat_QXqx1234567890_1234567890',
  'sk-ant-api03-QXqx1234567890-QXqx',
  'sk-proj-QXqx12345678',
  'xoxb-QXqx-123456789012',
  'AIzaQXqxQXqxQXqxQXqxQXqxQXqxQXqxQXqxQXq',
  'eyJQXqxQXqxQX.eyJQXqxQXqxQX.QXqxQXqxQX',
  'Bearer QXqxQXqxQXqxQXqx',
  'https://user:QXqxQXqx@example.invalid/x',
  'API_KEY=QXqxQXqxQXqx',
  '{"password":"QXqxQXqx"}',
  '-----BEGIN RSA PRIVATE KEY-----\nQXqxQXqxQXqxQXqx\nQXqxQXqxQXqxQXqx\n-----END RSA PRIVATE KEY-----',
]

/** Reliability test 26. */
describe('a secret across the edge of what is read back', () => {
  it.each(secrets)('%j, cut at every byte, leaves nothing of it in what is quoted', secret => {
    const path = scratch()
    for (const around of [' ', '\n']) {
      const text = `${'before'}${around}${secret}${around}after`
      const file = path('log', text)
      const leaks = Array.from({ length: text.length }, (_, bytes) => bytes).flatMap(bytes => {
        const part = tail(file, bytes).text
        return [quote(part), quote(redact(part))].filter(line => /qx/i.test(line))
      })
      expect(leaks).toEqual([])
    }
  })

  it.each(secrets)('%j, at every place of what a quote looks at and shows', secret => {
    const filling = 'word '.repeat(1_200)
    const leaks = Array.from({ length: 130 }, (_, index) => index).flatMap(index => {
      const at = index < 65 ? 4_396 - index : 300 - (index - 65)
      return [quote(`${filling.slice(0, Math.max(0, at))} ${secret} ${filling}`)].filter(line => /qx/i.test(line))
    })
    expect(leaks).toEqual([])
  })

  it.each(secrets)('%j, divided by what no terminal shows', secret => {
    const signs = ['\0', '\u200b', '\u202e', '\u001b[0m', '\u0090', '\u0007', '\ud800', '\u001b]8;;x\u0007']
    const leaks = signs.flatMap(sign =>
      Array.from({ length: secret.length + 1 }, (_, at) => secret.slice(0, at) + sign + secret.slice(at))
        .map(text => quote(text))
        .filter(line => /qx/i.test(line)),
    )
    expect(leaks).toEqual([])
  })
})
