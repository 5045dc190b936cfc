import { describe, expect, it } from 'vitest'
import { type GitFailure, type GitOutcome, orNull } from '../../../src/run/git/git-outcome.ts'
import { both, type GitWork, inParallel, need, outcomeOf } from '../../../src/run/git/git-work.ts'

const failure = (message: string): GitFailure => ({ ok: false, message, cureOn: () => null })
const succeeds = async <T>(data: T): Promise<GitOutcome<T>> => ({ ok: true, data })
const fails = async (message: string): Promise<GitOutcome<string>> => failure(message)

describe('work with git', () => {
  it('has the data of each call, and its own result', async () => {
    async function* inner(): GitWork<number> {
      return (yield* need(succeeds(1))) + 1
    }
    async function* outer(): GitWork<string> {
      return `${yield* inner()} ${yield* need(succeeds('head'))}`
    }
    expect(await outcomeOf(outer())).toEqual({ ok: true, data: '2 head' })
  })

  it('ends at the first failure, however deep, and does nothing after it but its finally blocks', async () => {
    const done: string[] = []
    async function* inner(): GitWork<string> {
      try {
        return yield* need(fails('no space left'))
      } finally {
        done.push('finally')
      }
    }
    async function* outer(): GitWork<string> {
      done.push('begun')
      const found = yield* inner()
      done.push('continued')
      return found
    }
    expect(await outcomeOf(outer())).toMatchObject({ ok: false, message: 'no space left' })
    expect(done).toEqual(['begun', 'finally'])
  })

  it('passes on what is thrown, which is no failure of git', async () => {
    async function* work(): GitWork<string> {
      return yield* need(Promise.reject(new Error('a bug')))
    }
    await expect(outcomeOf(work())).rejects.toThrow('a bug')
  })

  it('in parallel has all data in order, or the first failure of the list once all have ended', async () => {
    let ended = false
    const late = async (): Promise<GitOutcome<string>> => {
      for (let turns = 0; turns < 50; turns++) await Promise.resolve()
      ended = true
      return failure('late')
    }
    expect(await outcomeOf(inParallel([need(succeeds('a')), need(succeeds('b'))]))).toEqual({
      ok: true,
      data: ['a', 'b'],
    })
    expect(await outcomeOf(inParallel([need(late()), need(fails('early'))]))).toMatchObject({ message: 'late' })
    expect(ended).toBe(true)
  })

  it('of two kinds has both data, or the first failure', async () => {
    expect(await outcomeOf(both(need(succeeds('a')), need(succeeds(2))))).toEqual({ ok: true, data: ['a', 2] })
    expect(await outcomeOf(both(need(succeeds('a')), need(fails('second'))))).toMatchObject({ message: 'second' })
    expect(await outcomeOf(both(need(fails('first')), need(fails('second'))))).toMatchObject({ message: 'first' })
  })
})

it('what a run can do without is null after a failure and after an error', async () => {
  expect(await orNull(succeeds('x'))).toBe('x')
  expect(await orNull(fails('no'))).toBeNull()
  expect(await orNull(Promise.reject(new Error('outside the repository')))).toBeNull()
})
