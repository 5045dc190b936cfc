import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runSko } from './support/run-sko.ts'
import { createScenario, lanesOf } from './support/scenario.ts'

const approval = '{"verdict": "approved", "summary": "Fine.", "findings": [], "checks": []}'

it('a change that the implementer hides from git diff is named to its reviewer, with its text', async () => {
  const mission = await createScenario({ shape: { WP01: [] }, topology: 'lanes' })
  const writer = await mission.script(
    'writer',
    'cat > /dev/null; mkdir -p src; echo "a back door" > src/work.txt; echo "src/* diff=odd" > .gitattributes; git config diff.odd.binary true; echo done',
  )
  const reader = await mission.script('reader', `cat > '${mission.path('prompt')}'; echo '${approval}'`)
  await mission.writeConfig(`agents:
  implementation: [writer]
  review: [reader]
  custom: {writer: {command: ['${writer}']}, reader: {command: ['${reader}'], review: true}}
`)

  const result = await runSko(mission, ['orchestrate', '--mission', mission.slug])

  expect([result.exitCode, result.stderr, await lanesOf(mission)]).toEqual([0, '', { WP01: 'approved' }])
  const prompt = readFileSync(mission.path('prompt'), 'utf8')
  expect(prompt).toMatch(/shows no text of these changes[\s\S]*\n- src\/work\.txt\n/)
  expect(prompt).toContain('+a back door')
})
