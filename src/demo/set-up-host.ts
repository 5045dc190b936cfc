import { OrchestratorError } from '../errors.ts'
import { ensureHost } from './host-environment.ts'

/** `node dist/demo/set-up-host.js <folder>`, which scripts/set-up.mjs runs before the tests and the demo. */
try {
  await ensureHost({ folder: process.argv[2] ?? '.cache/host', report: line => process.stdout.write(`${line}\n`) })
} catch (error) {
  if (!(error instanceof OrchestratorError)) throw error
  process.stderr.write(`set-up: the host could not be set up\n  cause: ${error.message}\n  next: ${error.hint}\n`)
  process.exitCode = error.exitCode
}
