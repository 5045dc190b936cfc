import { describe, expect, it } from 'vitest'
import { isInTestedRange, testedRange, versionIn } from '../../../src/agents/detect/version-range.ts'

describe('versionIn', () => {
  it.each([
    // As the real programs printed them.
    ['2.1.329 (Claude Code)', '2.1.329'],
    ['codex-cli 0.169.0', '0.169.0'],
    ["GitHub Copilot CLI 1.0.102.\nRun 'copilot update' to check for updates.", '1.0.102'],
    ['0.36.0 (commit 7c61e5bb)', '0.36.0'],
    ['0.32.18 (Letta Code)', '0.32.18'],
    ['v1.2.3', '1.2.3'],
    ['codex-cli 0.170.0-alpha.2', '0.170.0-alpha.2'],
    ['first 1.2.3, then 4.5.6', '1.2.3'],
    ['127.0.0.1:80', null],
    ['2026.08.25-3e8eec8', null],
    ['1.2', null],
    ['deadbeef1.2.3', null],
    ['1234567890.1.1', null],
    ['', null],
  ])('in %j it is %j', (said, version) => {
    expect(versionIn(said)).toBe(version)
  })
})

describe('the tested range', () => {
  it('goes from the tested version to the next change of the second number', () => {
    expect(testedRange('2.1.329')).toBe('>=2.1.329 <2.2.0')
    expect(testedRange('0.169.0')).toBe('>=0.169.0 <0.170.0')
  })

  it.each([
    ['2.1.329', '2.1.329', true],
    ['2.1.330', '2.1.329', true],
    ['2.1.1000', '2.1.329', true],
    ['2.1.328', '2.1.329', false],
    ['2.1.329-beta.1', '2.1.329', false],
    ['2.1.330-beta.1', '2.1.329', true],
    ['2.2.0', '2.1.329', false],
    ['2.0.999', '2.1.329', false],
    ['3.1.329', '2.1.329', false],
    ['0.169.3', '0.169.0', true],
    ['0.170.0', '0.169.0', false],
    ['1.0.0-rc.2', '1.0.0-rc.2', true],
  ])('%s against %s: %s', (version, tested, inside) => {
    expect(isInTestedRange(version, tested)).toBe(inside)
  })
})
