import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { completeFields, lackingBy, lackingIn, mayLackFields } from '../../../src/core/mission/mission-fields.ts'

const all = {
  created_at: '2026-01-01T00:00:00+00:00',
  friendly_name: 'Real',
  mission_slug: '001-real',
  mission_type: 'software-dev',
  slug: '001-real',
  target_branch: 'work',
}

describe('the fields that an acceptance asks for', () => {
  it.each([
    ['all of them', all, []],
    ['none', {}, Object.keys(all)],
    ['an empty one', { ...all, slug: '' }, ['slug']],
    ['null', { ...all, created_at: null }, ['created_at']],
    ['no object', [], Object.keys(all)],
    ['no value', null, Object.keys(all)],
    ['nothing that is known', undefined, Object.keys(all)],
    ['a text', 'slug', Object.keys(all)],
  ])('%s', (_, meta, lacking) => {
    expect(lackingIn(meta)).toEqual(lacking)
  })

  it('are those that the host names, and no others', () => {
    const words = 'Missing or empty required field: slug; Missing or empty required field: brand_new; created_at'
    expect(lackingBy(`ValueError: Invalid meta.json for 001-real: ${words}`)).toEqual(['slug'])
    expect(lackingBy('something else')).toEqual([])
  })

  it.each([
    ['001-real', true],
    ['real', true],
    ['real-01M8M6Z4', false],
    ['real-01M8M6Z4-again', true],
  ])('can be missing in %s: %s', (slug, may) => {
    expect(mayLackFields(slug)).toBe(may)
  })

  it('are filled in with what every mission has, where nothing else is known', () => {
    const known = { metaFile: '/m/meta.json', mission: '001-real', now: '2026-11-29T18:00:00.000Z' }
    const command = completeFields({ ...known, fields: ['mission_type', 'target_branch'], branch: null })
    expect(command).toContain(`'{"mission_type":"software-dev","target_branch":"main"}'`)
  })

  it('are filled in and committed by the printed command, and nothing else is changed', () => {
    const folder = mkdtempSync(join(tmpdir(), "sko it's-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', EMAIL: 'a@example.invalid' }
    const sh = (command: string) => execFileSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8' })
    const metaFile = join(folder, 'meta.json')
    writeFileSync(metaFile, JSON.stringify({ ...all, slug: undefined, friendly_name: '', title: 'It\'s "so"' }))
    sh('git init --quiet && git config user.name T && echo other >other && git add other')
    const command = completeFields({
      metaFile,
      fields: ['friendly_name', 'slug'],
      mission: '001-real',
      branch: 'work',
      now: '2026-11-29T18:00:00.000Z',
    })
    sh(command)
    const meta = JSON.parse(readFileSync(metaFile, 'utf8'))
    expect(meta).toEqual({ ...all, friendly_name: '001-real', title: 'It\'s "so"' })
    expect(lackingIn(meta)).toEqual([])
    expect(sh('git show --name-only --format= HEAD && git status --porcelain')).toBe('meta.json\nA  other\n')
  })
})
