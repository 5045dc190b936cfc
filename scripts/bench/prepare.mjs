// What the bench needs besides the packages and the real host, which scripts/set-up.mjs prepares.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { at } from './places.mjs'

const referenceVersion = '0.1.2'

/** The Python orchestrator in an environment of its own. Returns the path of its program. */
export function prepareReference(python) {
  const folder = at('.cache', 'reference', referenceVersion)
  const whole = join(folder, 'is-whole')
  if (!existsSync(whole)) {
    console.log(`Making a Python environment with spec-kitty-orchestrator ${referenceVersion} (once) ...`)
    rmSync(folder, { recursive: true, force: true })
    run(python, ['-m', 'venv', folder])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
    run(join(folder, 'bin', 'python'), [...pip, `spec-kitty-orchestrator==${referenceVersion}`])
    writeFileSync(whole, '')
  }
  return join(folder, 'bin', 'spec-kitty-orchestrator')
}

/** Parts of sko's sources that the bench uses itself, as JavaScript: Node 20 runs no TypeScript. */
export async function importSources() {
  const dir = at('.cache', 'bench-sources')
  const input = {
    environment: at('src/demo/host-environment.ts'),
    seed: at('src/demo/seed.ts'),
    sharpEdges: at('src/host/sharp-edges.ts'),
    warm: at('src/host/warm/warm-host.ts'),
    client: at('src/host/client.ts'),
  }
  const bundle = await rolldown({ platform: 'node', input, external: /^[^./]/ })
  await bundle.write({ dir, format: 'esm', cleanDir: true })
  await bundle.close()
  const modules = await Promise.all(Object.keys(input).map(name => import(join(dir, `${name}.js`))))
  return Object.assign({}, ...modules)
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `exit ${status}`}`)
}
