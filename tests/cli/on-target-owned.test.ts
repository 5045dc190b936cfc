import { expect, it } from 'vitest'
import { cover, itInFull } from '../in-full.ts'
import { runSko, type SkoResult } from './support/run-sko.ts'
import { createScenario, type Scenario } from './support/scenario.ts'

const asAgent = '-c user.name=a -c user.email=a@a'
const evidence = JSON.stringify({ review: { reviewer: 'me', verdict: 'approved', reference: 'r' } })
const policy = JSON.stringify({
  ...{ orchestrator_id: 'a', orchestrator_version: '1', agent_family: 'a', approval_mode: 'a' },
  ...{ sandbox_mode: 'a', network_mode: 'a', dangerous_flags: [] },
})

/** A commit of a file in the main checkout that is in no commit of the lane. */
const commitInMain = `echo more > "$SKO_REPO/src/$SKO_WP-more.txt" && git -C "$SKO_REPO" add src && git -C "$SKO_REPO" ${asAgent} commit -qm "in main"`

/** An implementer that does its work, then `act`; the file of its WP says `owned`. */
async function missionOf(owned: string, act: (slug: string) => string): Promise<Scenario> {
  const prompts = { WP01: `---\nwork_package_id: WP01\ndependencies: []\n${owned}---\n\n# WP01\n\nWrite a line.\n` }
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes', prompts })
  const work = `mkdir -p src; echo work > src/WP01.txt; git add src; git ${asAgent} commit -qm WP01`
  const impl = await mission.script('impl', `cat >/dev/null\n${work}\n${act(mission.slug)}\necho done`)
  await mission.writeConfig(
    `agents: {implementation: [odd], review: [codex], custom: {odd: {command: ['${impl}']}}}\nfinish: {merge: merge}\n`,
  )
  return mission
}

const orchestrate = (mission: Scenario) => runSko(mission, ['orchestrate', '--mission', mission.slug])

function confirmationIn({ stdout }: SkoResult): string {
  return /^ {2}(sko confirm WP01 --commit [\da-f]{40})/m.exec(stdout)?.[1] ?? `none in ${stdout}`
}

it.each(
  cover(2, [
    ['it owns', 'owned_files:\n- src/WP01*.txt\n', true],
    ['another one owns', 'owned_files:\n- src/WP01.txt\n', false],
    ['every work package may change', 'owned_files:\n- "**"\nscope: codebase-wide\n', false],
    ['it says nothing of', '', false],
  ]),
)(
  'a commit on the target, made while an attempt ran, of a file that %s and has not changed in its lane',
  async (_, owned, doubted) => {
    const mission = await missionOf(owned, () => commitInMain)
    const result = await orchestrate(mission)

    expect(result.events().filter(({ type }) => type === 'unattributed')).toMatchObject([
      { commits: [{ files: ['src/WP01-more.txt'], ran: ['WP01'], doubted }] },
    ])
    expect([result.exitCode, result.stderr]).toEqual([doubted ? 1 : 0, ''])
  },
)

itInFull(
  'a person confirms the head of the target where the only work package is one that was confirmed, not reviewed',
  async () => {
    const mission = await missionOf(
      'owned_files:\n- src/WP01*.txt\n',
      slug =>
        `${commitInMain}; spec-kitty orchestrator-api transition --mission ${slug} --wp WP01 --to approved --actor claude --policy '${policy}' --evidence-json '${evidence}' >/dev/null 2>&1`,
    )
    const first = await orchestrate(mission)
    expect(first.events().filter(({ type }) => type === 'approved-by-others')).toHaveLength(1)
    const ofLane = confirmationIn(first)
    expect((await runSko(mission, ofLane.split(' ').slice(1))).exitCode).toBe(0)

    const second = await runSko(mission, ['resume'])
    expect(second.exitCode).toBe(1)
    const ofTarget = confirmationIn(second)
    expect(ofTarget).not.toBe(ofLane)
    const confirmed = await runSko(mission, ofTarget.split(' ').slice(1))
    expect([confirmed.exitCode, confirmed.stderr]).toEqual([0, ''])
    const last = await runSko(mission, ['resume'])
    expect([last.exitCode, last.stderr]).toEqual([0, ''])
    expect(last.stdout).toContain('1 of 1 work packages approved or done, merged, accepted')
  },
)
