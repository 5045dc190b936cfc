import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { gitEnvironment } from '../../src/git/call/environment.ts'
import { programSettings } from '../../src/git/settings.ts'
import { scratchRepository } from './scratch-repository.ts'

/** A repository in which git starts a program, and whether it did. */
function monitored() {
  const { root, git } = scratchRepository()
  const ran = join(dirname(root), 'ran')
  const program = join(dirname(root), 'monitor')
  writeFileSync(program, `#!/bin/sh\n: >'${ran}'\n`, { mode: 0o755 })
  git(root, 'config', 'core.fsmonitor', program)
  return { root, ran: () => existsSync(ran) }
}

/** What the git in a submodule gets from one before 2.39 (measured with 2.31): no GIT_CONFIG_COUNT. */
function inSubmoduleOfOldGit({ GIT_CONFIG_COUNT: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env
}

it('lets no program of the configuration start, also where git passes GIT_CONFIG_COUNT on to no other git', () => {
  const { root, ran } = monitored()
  const env = inSubmoduleOfOldGit(gitEnvironment(process.env))
  execFileSync('git', ['status', '--porcelain'], { cwd: root, env })
  expect(ran()).toBe(false)
  const { GIT_CONFIG_PARAMETERS: _, ...without } = env
  execFileSync('git', ['status', '--porcelain'], { cwd: root, env: without })
  expect(ran()).toBe(true)
})

it('gives every setting of programs in both forms', () => {
  const env = gitEnvironment({ PATH: process.env.PATH, HOME: '/nowhere', GIT_CONFIG_NOSYSTEM: '1' })
  const { GIT_CONFIG_COUNT: _, ...inherited } = env
  for (const [key, value] of programSettings) {
    for (const given of [env, inherited]) {
      const found = execFileSync('git', ['config', '--get', key], { env: given, cwd: '/', encoding: 'utf8' })
      expect([key, found.trim()]).toEqual([key, value])
    }
  }
})
