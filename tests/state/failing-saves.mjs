// Started by failing-disk.test.ts with the compiled sources and fixtures/preload/fail-at.mjs: saves a state, whole and as
// a change, on a disk that fails at the n-th call, for n = 1, 2, 3 … until none fails, and prints what became of each, one
// line of JSON.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [compiled, states] = process.argv.slice(2)
const { loadRunState } = await import(`${compiled}/state/state-file.js`)
const { createStateWriter } = await import(`${compiled}/state/saving/state-writer.js`)
const { acquireRunLock, readRunLock } = await import(`${compiled}/state/run-lock.js`)
const { identify } = await import(`${compiled}/process/table/identity.js`)
const { before, old, next } = JSON.parse(readFileSync(states, 'utf8'))
const parent = mkdtempSync(join(tmpdir(), 'sko failing-'))
const folder = join(parent, '.kittify')

async function attempt(fault, act) {
  const armed = { ...fault, failed: false }
  process.emit('fail-at', armed)
  try {
    return { value: await act(), disturbed: armed.failed }
  } catch (error) {
    return { code: error.code, message: error.message, disturbed: armed.failed }
  } finally {
    process.emit('fail-at', {})
  }
}

const loaded = async () => {
  const { kind, state } = await loadRunState(folder)
  return kind === 'loaded' ? state.exitCode : kind
}

for (const fault of JSON.parse(process.argv[4])) {
  for (const how of ['whole', 'change']) {
    for (let n = 1; ; n++) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
      const writer = createStateWriter(folder, before, () => undefined)
      await writer.replace(before)
      await writer.replace(old)
      const act = () => (how === 'whole' ? writer.replace(next) : writer.save({ exitCode: next.exitCode }))
      const save = await attempt({ ...fault, n }, act)
      const left = readdirSync(folder).filter(name => name.endsWith('.tmp'))
      const onDisk = await loaded()
      const again = await attempt({}, () => writer.save({ phase: 'aborted' }))
      const healed = await loaded()
      console.log(JSON.stringify({ what: 'save', how, fault, n, save, onDisk, left, again, healed }))
      if (!save.disturbed) break
    }
  }
  for (let n = 1; ; n++) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    const self = identify(process.pid)
    const lock = await attempt({ ...fault, n }, () => acquireRunLock(folder, self, { runId: 'first' }).kind)
    const owner = readRunLock(folder)?.runId ?? null
    const left = readdirSync(folder)
    console.log(JSON.stringify({ what: 'lock', fault, n, lock, owner, left }))
    if (!lock.disturbed) break
  }
}
rmSync(parent, { recursive: true, force: true })
