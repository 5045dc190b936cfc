import { whole } from '../whole.ts'
import { environment } from './factors/environment.ts'
import { gitSettings, settingsAlone } from './factors/git-settings.ts'
import { implementer } from './factors/implementer.ts'
import { person } from './factors/person.ts'
import { project } from './factors/project.ts'
import { reviewer } from './factors/reviewer.ts'
import { stage } from './factors/stage.ts'
import { topology } from './factors/topology.ts'
import type { Level } from './level.ts'
import { type Cell, levelCover, pairwiseCover, type Table } from './pairwise.ts'

/** The first level of each factor is the usual world. */
const factors: Readonly<Record<string, readonly Level[]>> = {
  topology,
  git: gitSettings,
  project,
  environment,
  implementer,
  reviewer,
  person,
  stage,
}

const { SKO_CELL: wanted, SKO_WORLDS: ring = 'quick' } = process.env

/**
 * The cells that `SKO_CELL` names, separated by semicolons. Else few in which each quick level occurs, or with
 * `SKO_FULL=1` each pair of them; with `SKO_WORLDS=all` the pairwise cover of all levels, where git is set in groups,
 * and each setting of git alone.
 */
export function cellsToRun(): readonly Cell[] {
  if (wanted) return wanted.split(';').map(parseCell)
  if (ring === 'quick') {
    const pairs = pairwiseCover(quickLevels())
    return whole ? pairs : levelCover(pairs)
  }
  const inGroups = namesOf(({ name }, factor) => factor !== 'git' || !settingsAlone.includes(name))
  return [...pairwiseCover(inGroups), ...settingsAlone.map(name => parseCell(`git=${name}`))]
}

export function quickLevels(): Table {
  return namesOf(level => level.quick === true)
}

function namesOf(matches: (level: Level, factor: string) => boolean): Table {
  const isRoot = process.getuid?.() === 0
  const named = Object.entries(factors).map(([factor, levels]) => {
    const possible = levels.filter(level => isRoot || !level.needsRoot)
    return [factor, possible.filter(level => matches(level, factor)).map(({ name }) => name)]
  })
  return Object.fromEntries(named)
}

/** `gitconfig=diff.external,topology=coord`; what is not named is as usual. */
function parseCell(text: string): Cell {
  const named = Object.fromEntries(text.split(',').map(pair => pair.split('=')))
  const usual = Object.fromEntries(Object.entries(factors).map(([factor, levels]) => [factor, levels[0]?.name ?? '']))
  return { ...usual, ...named }
}

export function levelsOf(cell: Cell): readonly Level[] {
  return Object.entries(cell).map(([factor, name]) => {
    const level = factors[factor]?.find(other => other.name === name)
    if (!level) throw new Error(`there is no ${factor}=${name}`)
    return level
  })
}

/** Without the levels of the usual world. */
export function nameOf(cell: Cell): string {
  const unusual = Object.entries(cell).filter(([factor, name]) => factors[factor]?.[0]?.name !== name)
  return unusual.map(([factor, name]) => `${factor}=${name}`).join(',') || 'topology=lanes'
}
