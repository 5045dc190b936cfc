import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { itInFull } from '../in-full.ts'
import { runSko, type SkoResult } from './support/run-sko.ts'
import { createScenario, lanesOf, linesOf, logsOf, movesOf, type Scenario } from './support/scenario.ts'

const approval = '{"verdict": "approved", "summary": "Fine.", "findings": [], "checks": []}'
const rejection = '{"verdict": "changes_requested", "summary": "No.", "findings": [], "checks": []}'

function runIdOf(result: SkoResult): string {
  return result.events()[0]?.runId ?? ''
}

/** A reviewer of our own beside codex and claude-code: `script` runs in the worktree, `SKO_WP` names the work package. */
async function addReviewer(mission: Scenario, script: string, review: string): Promise<void> {
  const command = await mission.script('reviewer', script)
  await mission.writeConfig(`agents:
  implementation: [claude-code]
  review: ${review}
  custom: {odd: {command: ['${command}'], review: true}}
`)
}

async function expectBlocked(mission: Scenario, result: SkoResult, reasons: Readonly<Record<string, RegExp>>) {
  expect(result.exitCode).toBe(1)
  expect(await lanesOf(mission)).toEqual(Object.fromEntries(Object.keys(reasons).map(id => [id, 'blocked'])))
  expect((await movesOf(mission)).filter(move => /-> (?:approved|done)$/.test(move))).toEqual([])
  const { events } = await mission.state()
  for (const [id, reason] of Object.entries(reasons)) {
    expect(result.stdout).toMatch(
      new RegExp(`^\\S+ ${id} needs attention: .*${reason.source}.*; next: sko retry ${id}`, 'm'),
    )
    const blocking = events.find(event => event.wp_id === id && event.to_lane === 'blocked')
    expect(blocking?.reason).toMatch(reason)
    expect(blocking?.reason).toContain(`sko retry ${id}`)
  }
  expect((await mission.state()).acceptances).toEqual([])
}

describe('a review that is no clear approval never approves', () => {
  it('whatever claude-code and codex say instead; a retry with a good reviewer ends done', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' }, [
      { role: 'review', wp: 'WP01', do: 'prose', times: 0 },
      { role: 'review', wp: 'WP02', do: 'bad-json', attempt: 1 },
      { role: 'review', wp: 'WP02', do: 'approve-with-high', times: 0 },
    ])

    const first = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    await expectBlocked(mission, first, { WP01: /no-verdict/, WP02: /finding of high severity/ })
    for (const wp of ['WP01', 'WP02']) {
      const reviewers = mission.starts().filter(start => start.role === 'review' && start.wp === wp)
      expect(reviewers.map(start => start.agent)).toEqual(['codex', 'codex', 'claude-code', 'claude-code'])
    }

    await mission.setAgents([])
    const retry1 = await runSko(mission, ['retry', 'WP01', '--reason', 'looked at it'])
    const retry2 = await runSko(mission, ['unblock', 'WP02'])
    expect([retry1.exitCode, retry2.exitCode]).toEqual([0, 0])
    const second = await runSko(mission, ['resume'])

    expect(second.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved' })
    // The work was there and is not done again.
    expect(mission.starts().filter(start => start.role === 'implementation')).toHaveLength(2)
  })

  itInFull('also when it exits with a failure, or gives two verdicts that differ', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' })
    await addReviewer(
      mission,
      `case $SKO_WP in WP01) echo '${approval}'; exit 3;; WP02) echo '${approval}'; echo '${rejection}';; esac`,
      '[odd]',
    )

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    await expectBlocked(mission, result, {
      WP01: /agent-error: exit 3/,
      WP02: /the answer has another verdict before the one that ends it/,
    })
  })
})

describe('a rejection', () => {
  it('reaches the next implementation and the host; after review.max_cycles a person is asked', async () => {
    const findings = [
      { severity: 'medium', file: 'src/WP01.txt', line: 1, problem: 'the frobnicator leaks', change: 'close it' },
    ]
    const mission = await createScenario({ shape: { WP01: [], WP02: [] }, topology: 'lanes' }, [
      { role: 'review', wp: 'WP01', do: 'reject', findings },
      { role: 'review', wp: 'WP02', do: 'reject', times: 0 },
    ])
    await mission.writeConfig('review: {max_cycles: 2}\n')

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(1)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'blocked' })
    const logs = logsOf(mission, runIdOf(result), 'WP01')
    const prompt = (name: string) => readFileSync(join(logs, `${name}.prompt.md`), 'utf8')
    expect(prompt('implementation-c1-a1')).not.toContain('frobnicator')
    expect(prompt('implementation-c2-a3')).toMatch(
      /\[medium\] src\/WP01\.txt:1 the frobnicator leaks\n\s+Change: close it/,
    )
    expect(prompt('review-c2-a4')).toContain('the frobnicator leaks')
    const starts = mission.starts().filter(start => start.wp === 'WP01')
    const [work, review, rework, reReview] = starts.map(({ session }) => session)
    expect(rework, 'the session in which it is corrected').toBe(work)
    expect(reReview, 'the session in which it is looked at again').not.toBe(review)
    const { events } = await mission.state()
    const back = events.find(event => event.wp_id === 'WP01' && event.from_lane === 'in_review')
    expect(back).toMatchObject({
      to_lane: 'in_progress',
      review_result: { verdict: 'changes_requested', reviewer: 'codex' },
    })
    expect(back?.reason).toContain('the frobnicator leaks')
    const blocked = events.find(event => event.to_lane === 'blocked')
    expect(blocked).toMatchObject({ wp_id: 'WP02', review_result: { verdict: 'changes_requested' } })
    expect(blocked?.reason).toMatch(
      /^rejected 2 times \(review\.max_cycles\).*\ntried:[\s\S]*\n.*lacks a second line\nlogs: .*\/WP02\nnext: sko retry WP02\nnext: sko skip WP02$/,
    )
    expect(result.stdout).toMatch(/^WP01 +approved +claude-code +codex +4 +2 /m)
  })
})

describe('a reviewer that does more than look', () => {
  it('has its changes put back and kept as a patch; one that commits or leaves the branch gives no verdict', async () => {
    const mission = await createScenario({ shape: { WP01: [], WP02: [], WP03: [] }, topology: 'lanes' })
    await addReviewer(
      mission,
      `echo "$SKO_WP" >> '${mission.path('asked')}'
[ "$SKO_WP" = WP03 ] && git checkout --quiet -b "elsewhere-$$" && rm src/WP03.txt
echo meddled >> src/common.txt; echo new > src/new.txt
[ "$SKO_WP" = WP02 ] && git add --all && git commit --quiet --message meddled
echo '${approval}'`,
      '[odd, codex]',
    )

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(0)
    expect(await lanesOf(mission)).toEqual({ WP01: 'approved', WP02: 'approved', WP03: 'approved' })
    expect(linesOf(mission.path('asked')).toSorted()).toEqual(['WP01', 'WP02', 'WP02', 'WP03', 'WP03'])
    const { events } = await mission.state()
    const reviewers = events
      .filter(event => event.to_lane === 'approved')
      .map(event => [event.wp_id, event.review_result])
    expect(Object.fromEntries(reviewers)).toMatchObject({
      WP01: { reviewer: 'odd' },
      WP02: { reviewer: 'codex' },
      WP03: { reviewer: 'codex' },
    })
    expect(result.stdout).toContain('the reviewer moved HEAD, which voids its verdict')
    for (const [id, lane] of [
      ['WP01', 'a'],
      ['WP02', 'b'],
      ['WP03', 'c'],
    ] as const) {
      const branch = `kitty/mission-${mission.slug}-lane-${lane}`
      expect(await mission.git('show', `${branch}:src/common.txt`)).toBe('common')
      expect(await mission.git('ls-tree', '--name-only', '-r', branch, 'src/')).not.toContain('new.txt')
      expect(await mission.git('log', '--format=%s', branch)).not.toContain('meddled')
      const patch = join(logsOf(mission, runIdOf(result), id), 'review-c1-a2.reviewer.patch')
      expect(result.stdout).toContain(patch)
      expect(readFileSync(patch, 'utf8')).toMatch(/^\+meddled\n[\s\S]*^\+new$/m)
      const worktree = join(mission.repo, '.worktrees', `${mission.slug}-lane-${lane}`)
      expect(await mission.git('-C', worktree, 'status', '--porcelain')).toBe('')
      expect(await mission.git('-C', worktree, 'symbolic-ref', '--short', 'HEAD')).toBe(branch)
      expect(await mission.git('show', `${branch}:src/${id}.txt`)).toContain(id)
    }
  })

  itInFull('has a repository taken away that it made in the worktree', async () => {
    const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
    await addReviewer(
      mission,
      `git init --quiet nested && cd nested && git -c user.name=N -c user.email=n@example.invalid commit --quiet --allow-empty -m x
echo '${approval}'`,
      '[odd]',
    )

    const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

    expect(result.exitCode).toBe(0)
    expect(result.events().filter(event => event.type === 'verdict')).toHaveLength(1)
    const worktree = join(mission.repo, '.worktrees', `${mission.slug}-lane-a`)
    expect(await mission.git('-C', worktree, 'status', '--porcelain')).toBe('')
  })
})
