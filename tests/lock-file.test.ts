import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { z } from 'zod'

const file = join(dirname(fileURLToPath(import.meta.url)), '..', 'package-lock.json')

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), optionalDependencies: z.record(z.string(), z.string()).optional() }),
  ),
})

/** `npm ci` refuses a lock file that lacks the optional packages of other platforms. */
it('has an entry for every optional package of every platform', () => {
  const { packages } = lockFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  const wanted = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map(name => ({ from, name })),
  )
  const missing = wanted.filter(({ from, name }) =>
    [`${from}/node_modules/${name}`, `node_modules/${name}`].every(path => packages[path]?.version === undefined),
  )
  expect(wanted.length).toBeGreaterThan(50)
  expect(missing.map(({ from, name }) => `${name} of ${from}`)).toEqual([])
})
