import { existsSync } from 'node:fs'
import { hostCommandIn } from '../../../src/demo/host-environment.ts'

/** The real host that the tests use; `npm test` and `node scripts/set-up.mjs` install it. */
export function realHost(): string {
  const host = process.env.SKO_TEST_HOST ?? hostCommandIn('.cache/host')
  if (!existsSync(host)) throw new Error(`there is no host at ${host}: run node scripts/set-up.mjs first`)
  return host
}
