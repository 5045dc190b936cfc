import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { attestationsRef } from '../../src/core/record/stored.ts'
import { pemKey, sshKey } from '../record/keys.ts'
import { runSko } from './support/run-sko.ts'
import { createScenario, type Scenario } from './support/scenario.ts'

const root = join(import.meta.dirname, '..', '..')

async function scenario(): Promise<{ readonly mission: Scenario; readonly keys: string }> {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
  const keys = mission.path('keys')
  mkdirSync(keys)
  return { mission, keys }
}

const orchestrate = (mission: Scenario) => runSko(mission, ['orchestrate', '--mission', mission.slug])

describe('the key of review records', () => {
  it('that is gone at the end leaves the merge and an unsigned record, and sko resume signs it later', async () => {
    const { mission, keys } = await scenario()
    const key = pemKey(keys)
    const away = `${key.file}.away`
    await mission.writeConfig(
      `checks: ["test ! -e ${key.file} || mv ${key.file} ${away}"]\nfinish: {merge: squash}\nrecord: {sign: ${key.file}}\n`,
    )
    const ended = await orchestrate(mission)
    expect([ended.exitCode, ended.stderr]).toEqual([1, ''])
    expect(ended.stdout).toContain(`unsigned, and not as configured: there is no key ${key.file}`)
    expect(ended.stdout).toContain('merged, accepted')
    expect(ended.stdout).toContain('sko resume   (signs the record once its key can be used)')

    renameSync(away, key.file)
    const resumed = await runSko(mission, ['resume'])
    expect([resumed.exitCode, resumed.stderr]).toEqual([0, ''])
    expect(resumed.stdout).toContain('a key on this machine says who ran sko')
    const [, check = ''] = /check it: sko (verify \w+)/.exec(resumed.stdout) ?? []
    writeFileSync(join(keys, 'signers'), `alice ${key.publicLine}\n`)
    const verified = await runSko(mission, [...check.split(' '), '--signers', join(keys, 'signers')])
    expect([verified.exitCode, verified.stderr]).toEqual([0, ''])
    expect(verified.stdout).toContain('signed by alice')
  })

  it('that cannot be used ends the run before its start, and fails in doctor', async () => {
    const { mission, keys } = await scenario()
    const key = sshKey(keys, ['-t', 'ed25519'], 'secret')
    await mission.writeConfig(`finish: {merge: squash}\nrecord: {sign: "ssh:${key.file}"}\n`)
    const why = `record.sign: the SSH key ${key.file} needs a passphrase`
    const refused = await orchestrate(mission)
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain(why)
    expect(mission.starts()).toEqual([])
    const doctor = await runSko(mission, ['doctor'])
    expect(doctor.exitCode).toBe(2)
    expect(doctor.stdout).toContain(`FAIL record: ${why}`)
  })

  it('that is inside the repository is warned of by doctor', async () => {
    const { mission } = await scenario()
    const key = pemKey(mission.repo)
    await mission.writeConfig('record: {sign: key.pem}\n')
    const doctor = await runSko(mission, ['doctor'])
    expect(doctor.exitCode).toBe(0)
    expect(doctor.stdout).toContain('ok   record: review records are signed by SHA256:')
    expect(doctor.stdout).toContain(`warn record: the signing key ${key.file} is inside the repository`)
  })
})

const workflow = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      steps: z.array(z.object({ run: z.string().optional(), env: z.record(z.string(), z.string()).optional() })),
    }),
  ),
})

/** The commands of an example, in order, without the installation of sko. */
function commandsOf(name: string): readonly string[] {
  const { jobs } = workflow.parse(parse(readFileSync(join(root, 'docs', name), 'utf8')))
  const runs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))
  return runs.filter(run => !run.startsWith('npm install'))
}

describe('the examples for GitHub', () => {
  it('verify and sign what a run has pushed, with a key that the run does not have', async () => {
    const { mission, keys } = await scenario()
    const remote = mission.path('origin.git')
    await mission.git('init', '--quiet', '--bare', remote)
    await mission.git('remote', 'add', 'origin', remote)
    const ci = pemKey(keys, 'ci.pem')
    await mission.writeConfig('finish: {merge: squash, push: true}\n')
    mkdirSync(join(mission.repo, '.github'))
    writeFileSync(join(mission.repo, '.github', 'sko-signers'), `ci ${ci.publicLine}\n`)
    await mission.git('add', '.github')
    await mission.git('commit', '--quiet', '-m', 'Name the signers')
    const base = await mission.git('rev-parse', 'HEAD')
    const ended = await orchestrate(mission)
    expect([ended.exitCode, ended.stderr]).toEqual([0, ''])
    expect(ended.events().map(({ type }) => type)).toContain('record-pushed')
    expect(ended.stdout).toContain('everyone who can write to this repository could have written it')

    const head = await mission.git('rev-parse', 'HEAD')
    const clone = mission.path('clone')
    await mission.git('clone', '--quiet', '--branch', 'work', remote, clone)
    const bin = mission.path('bin-of-ci')
    mkdirSync(bin)
    writeFileSync(join(bin, 'sko'), `#!/bin/sh\nexec "${process.execPath}" "${root}/bin/sko.js" "$@"\n`, {
      mode: 0o755,
    })
    const secret = { SKO_SIGNING_KEY: readFileSync(ci.file, 'utf8') }
    const env = { ...process.env, ...secret, PATH: `${bin}:${process.env.PATH}`, RUNNER_TEMP: keys, COMMIT: head }
    const run = (name: string) => {
      const all = { ...env, BASE: base, HEAD: head }
      return commandsOf(name).map(command =>
        execFileSync('bash', ['-e', '-c', command], { cwd: clone, env: all, encoding: 'utf8' }),
      )
    }
    expect(() => run('github-verify.yml')).toThrow()
    run('github-sign-record.yml')
    expect(run('github-verify.yml').join('')).toContain('signed by ci')
    expect(await mission.git('ls-remote', 'origin', attestationsRef)).not.toContain(
      await mission.git('rev-parse', attestationsRef),
    )
  })
})
