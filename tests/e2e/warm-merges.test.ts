import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { policy } from '../../src/demo/seed.ts'
import { hostEnvironment } from '../../src/host/sharp-edges.ts'
import { type MakeCall, openWarmHost } from '../../src/host/warm/warm-host.ts'
import { runHostCall } from '../../src/process/host-call.ts'
import { expectNothingLeft } from '../cli/support/leaks.ts'
import { cover } from '../in-full.ts'
import { commitsOf, contentOf, same } from './support/compare.ts'
import { pythonStarts } from './support/python-starts.ts'
import { realHost } from './support/real-host.ts'
import { orchestrated, type RealScenario, realScenario } from './support/scenario.ts'
import type { Shape } from './support/shapes.ts'

const claim = ['--wp', 'WP04', '--actor', 'test', '--policy', policy]

it.each<[string, Shape, readonly string[], readonly string[]]>(
  cover(1, [
    ['merge-mission', 'pair', [], []],
    ['merge-mission', 'pair', [], ['--strategy', 'squash']],
    ['start-implementation', 'diamond', ['--wp', 'WP02', '--wp', 'WP03', '--no-accept'], claim],
  ]),
)('%s of a %s with warm merge drivers leaves what it leaves with cold ones', async (verb, shape, run, flags) => {
  const scenario = await realScenario({ shape, topology: 'coord' })
  const imported = await plantModules(scenario)
  const { exitCode } = await orchestrated(scenario, ...run)
  expect(exitCode).toBe(0)
  const rig = driverRig(scenario)
  const args = ['orchestrator-api', verb, '--mission', scenario.mission, ...flags]

  const plain = await rig.make(call => runHostCall(call), args)
  const { call, close } = openWarmHost({ command: realHost(), cwd: scenario.repo, env: rig.env })
  onTestFinished(close)
  const fast = await rig.make(call, args)

  expect(fast.left).toEqual(plain.left)
  expect(fast.drivers.length).toBeGreaterThan(0)
  expect(fast.drivers).toEqual(plain.drivers)
  // The call and each driver; the helper alone.
  expect([plain.starts, fast.starts]).toEqual([1 + plain.drivers.length, 1])
  expect(imported()).toBe(false)
  close()
  await expectNothingLeft(scenario)
})

/** Commits modules that Python would import from its current folder. Returns whether one was. */
async function plantModules({ repo, git }: RealScenario): Promise<() => boolean> {
  const mark = join(repo, '.git', 'imported')
  const line = `open('${mark}', 'w')`
  for (const name of ['sitecustomize', 'usercustomize', 'typer', 'click', 'socket', 'json', 'os', '_socket']) {
    writeFileSync(join(repo, `${name}.py`), `${line}\n`)
  }
  writeFileSync(join(repo, 'planted.pth'), `import os; ${line}\n`)
  mkdirSync(join(repo, 'specify_cli'))
  writeFileSync(join(repo, 'specify_cli', '__init__.py'), `${line}\n`)
  await git('add', '.')
  await git('commit', '-qm', 'Plant modules')
  return () => existsSync(mark)
}

/** Makes calls in the repository as it is now. */
function driverRig({ repo }: RealScenario) {
  const folder = mkdtempSync(join(tmpdir(), 'sko-e2e-merges-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const saved = join(folder, 'saved')
  const trace = join(folder, 'trace')
  const starts = pythonStarts(folder)
  cpSync(repo, saved, { recursive: true, verbatimSymlinks: true })
  const inherited = { ...process.env, SKO_REPO: repo, PYTHONPATH: starts.path, GIT_TRACE: trace }
  const env = hostEnvironment(inherited, realHost(), repo)
  return {
    env,
    async make(call: MakeCall, args: readonly string[]) {
      writeFileSync(trace, '')
      rmSync(repo, { recursive: true })
      cpSync(saved, repo, { recursive: true, verbatimSymlinks: true })
      const asked = { file: realHost(), args, cwd: repo, env, timeoutSeconds: 600, maxBytes: 10_000_000, merges: true }
      const result = await call(asked, true)
      const { exitCode, stdout, stderr } =
        result.kind === 'exited' ? result : { exitCode: null, stdout: '', stderr: '' }
      const drivers = readFileSync(trace, 'utf8').match(/spec-kitty merge-driver-[\w-]+/g) ?? []
      return {
        left: {
          answer: { exitCode, stdout: same(stdout, repo), stderr: same(stderr, repo) },
          content: contentOf(repo),
          commits: commitsOf(repo),
        },
        drivers,
        starts: starts.take(),
      }
    },
  }
}
