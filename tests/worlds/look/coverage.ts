import type { LoggedEvent } from '../../cli/support/run-sko.ts'
import type { CellWorld, Reviewed, Written } from '../world.ts'

/** I2: what the target has beyond its base is what a reviewer of this run approved or a person vouches for, or is the host's or a person's. */
export async function uncovered(world: CellWorld, events: readonly LoggedEvent[]): Promise<readonly string[]> {
  const judged = await judgedRanges(world, events)
  const covered = new Set((await Promise.all(judged.ranges.map(range => commitsOf(world, range)))).flat())
  const commits = await lines(world, 'rev-list', `${world.base}..work`)
  const strange = await Promise.all(commits.map(commit => strangeCommit(world, commit, covered)))
  const content = await strangeContent(world, judged.ranges)
  return [...judged.unseen, ...strange.flat(), ...content]
}

interface Judged {
  readonly ranges: readonly Reviewed[]
  readonly unseen: readonly string[]
}

async function judgedRanges(world: CellWorld, events: readonly LoggedEvent[]): Promise<Judged> {
  const approved = events.filter(event => event.type === 'verdict' && event.verdict === 'approved')
  const found = approved.map(({ wpId, commit }) => ({
    wpId,
    commit,
    ranges: world.reviewed().filter(range => range.wpId === wpId && range.head === commit && range.shown === commit),
  }))
  const unseen = found.filter(({ ranges }) => ranges.length === 0)
  const { base } = world
  const vouched = events
    .filter(event => event.type === 'confirmed')
    .map(({ wpId, commit }) => ({ wpId: String(wpId), base, shown: String(commit), head: String(commit) }))
  return {
    ranges: [...found.flatMap(({ ranges }) => ranges), ...vouched],
    unseen: unseen.map(({ wpId, commit }) => `I2: ${wpId} approved at ${commit}, which its reviewer did not see`),
  }
}

function commitsOf(world: CellWorld, { base, head }: Reviewed): Promise<readonly string[]> {
  return lines(world, 'rev-list', `${base}..${head}`)
}

const hosts = /^(?:kitty-specs|\.kittify)\//

async function strangeCommit(
  world: CellWorld,
  commit: string,
  covered: ReadonlySet<string>,
): Promise<readonly string[]> {
  if (covered.has(commit)) return []
  const [author, subject] = await lines(world, 'show', '-s', '--format=%an%n%s', commit)
  if (author === 'A Person') return []
  // Of a merge: what it changed against both sides.
  const paths = (await lines(world, 'show', '--format=', '--name-only', '-c', commit)).filter(path => !hosts.test(path))
  if (paths.length === 0) return []
  return [`I2: ${commit.slice(0, 10)} "${subject}" by ${author} is on the target and unreviewed: ${paths.join(', ')}`]
}

async function strangeContent(world: CellWorld, ranges: readonly Reviewed[]): Promise<readonly string[]> {
  const changed = await lines(world, 'diff', '--name-only', '--no-renames', '--no-ext-diff', world.base, 'work')
  const strange = changed.map(async path => {
    const [text, before] = await Promise.all([textAt(world, 'work', path), textAt(world, world.base, path)])
    const approved = await Promise.all(ranges.map(({ head }) => textAt(world, head, path)))
    if (approved.includes(text)) return []
    const known = new Set([before, ...approved].flatMap(other => other.split('\n')))
    const persons = world.written().filter(({ by }) => by === 'person')
    const ours = new Set(world.written().map(({ line }) => line))
    const unjudged = text
      .split('\n')
      .filter(line => !known.has(line) && !isIn(line, persons) && (ours.has(line) || !hosts.test(path)))
    return unjudged.map(line => `I2: the target has in ${path} what no judgement covers: ${line}`)
  })
  return (await Promise.all(strange)).flat()
}

/** A filter of the project may have put something before it. */
function isIn(line: string, persons: readonly Written[]): boolean {
  return persons.some(written => line.includes(written.line))
}

/** Empty where the file is not. */
function textAt(world: CellWorld, commit: string, path: string): Promise<string> {
  return world.git('show', '--no-textconv', `${commit}:${path}`).catch(() => '')
}

async function lines(world: CellWorld, ...args: readonly string[]): Promise<readonly string[]> {
  return (await world.git(...args)).split('\n').filter(Boolean)
}
