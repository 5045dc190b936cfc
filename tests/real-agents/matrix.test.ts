import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtInAgents } from '../../src/agents/registry.ts'
import { setUpBench } from './bench.ts'
import { cases } from './cases.ts'
import { isInCover } from './cover.ts'
import { type ModelServer, startModelServer } from './mock/model-server.ts'
import { type CaseName, caseNames, type Rig } from './rig.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** One cell of the table. */
    cell?: { readonly agent: string; readonly name: CaseName; readonly seconds: number; readonly note: string | null }
    /** The cells of an agent that hold no test, and why. */
    notApplicable?: { readonly agent: string; readonly reasons: Rig['notApplicable'] }
  }
}

/** No package registry has it. */
const withoutRig = ['cursor']
/** At least so many cases of each agent; five of those that are not named. */
const leastCases: Readonly<Record<string, number>> = { 'claude-code': 8, codex: 8, gemini: 8, qwen: 8, opencode: 8 }

const here = `${process.platform}-${process.arch}`
const folder = join(import.meta.dirname, 'rigs')
const wanted = (process.env.SKO_TEST_AGENTS ?? '').split(' ').filter(Boolean)
const rigs = await Promise.all(
  readdirSync(folder).map(async (file): Promise<Rig> => (await import(`./rigs/${file.replace(/\.ts$/, '')}.ts`)).rig),
)
/** They take over a minute to give up after some failures, and others run meanwhile. */
const first = ['opencode', 'qwen']
const ordered = rigs.toSorted((a, b) => first.indexOf(b.agent) - first.indexOf(a.agent))
const chosen = ordered.filter(({ agent }) => wanted.length === 0 || wanted.includes(agent))

/** Together they keep two processors busy, and the memory small. */
const atWork = pLimit(3)
let server: ModelServer

beforeAll(async () => {
  server = await startModelServer()
})

afterAll(() => server.close())

it('has a rig for every agent that can be installed', () => {
  const expected = builtInAgents.map(({ id }) => id).filter(id => !withoutRig.includes(id))
  expect(rigs.map(({ agent }) => agent).toSorted()).toEqual(expected.toSorted())
  expect(chosen.length, `agents named ${wanted.join(', ')}`).toBeGreaterThan(0)
})

describe.concurrent.for(chosen)('$agent', rig => {
  const { agent, notApplicable = {}, onlyOn = here } = rig
  const shown = onlyOn === here ? caseNames.filter(name => notApplicable[name] === undefined) : []
  const reasons = onlyOn === here ? notApplicable : { [caseNames[0]]: `this is no ${onlyOn}` }

  it('is shown in enough cases', ({ task }) => {
    task.meta.notApplicable = { agent, reasons }
    expect(shown.length).toBeGreaterThanOrEqual(onlyOn === here ? (leastCases[agent] ?? 5) : 0)
  })

  it.concurrent.for(shown.filter(name => isInCover(rig, name)))('%s', async (name, { task }) => {
    const bench = await setUpBench(rig, { server, atWork })
    const tell = (note: string | null) => {
      task.meta.cell = { agent, name, seconds: bench.seconds(), note }
    }
    try {
      tell(await cases[name](bench))
    } catch (error) {
      tell(null)
      console.error(`${agent}, ${name}:\n${bench.report()}`)
      throw error
    } finally {
      bench.remove()
    }
  })
})
