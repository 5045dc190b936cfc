// Makes a Python environment with verifiers that are independent of sko, for tests/e2e/independent.test.ts, and prints the
// path of its interpreter. An environment cannot be moved, so a link that is renamed into place marks the finished one.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** securesystemslib: DSSE, of the TUF and in-toto projects. in-toto-attestation: in-toto's own Statement. */
const packages = ['securesystemslib==1.6.0', 'cryptography', 'in-toto-attestation==0.9.3']

const cache = join(dirname(fileURLToPath(import.meta.url)), '..', '.cache', 'verifiers')
const current = join(cache, 'current')
const python = join(current, 'bin', 'python')

if (!existsSync(python)) {
  mkdirSync(cache, { recursive: true })
  const environment = mkdtempSync(join(cache, 'env-'))
  const run = (file, ...args) => execFileSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  run('python3', '-m', 'venv', environment)
  run(join(environment, 'bin', 'python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages)
  const link = `${environment}-link`
  symlinkSync(environment, link)
  rmSync(current, { recursive: true, force: true })
  renameSync(link, current)
}
console.log(python)
