import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkMission } from '../../../src/cli/running/preflight.ts'
import { hostClient } from '../../../src/run/host/host-client.ts'
import { hostFailure } from '../../../src/run/host/host-outcome.ts'
import { wp } from '../../run/fakes.ts'
import { scratchRepository } from '../scratch-repository.ts'

it('on another branch, with an index that git cannot read: the refusal has the command all the same', async () => {
  const { root, git } = scratchRepository()
  git(root, 'branch', 'other')
  writeFileSync(join(root, '.git', 'index'), 'broken')
  const [workspace_path, prompt_path] = [join(root, '.worktrees', 'lane-a'), join(root, 'WP01.md')]
  const lane = { lane_id: 'lane-a', lane_branch: 'lane', lane_base_ref: 'other' }
  const answer = { mission_slug: 'demo', wp_id: 'WP01', workspace_path, prompt_path, ...lane }
  const host = hostClient({
    call: async command => ({ ok: true, data: command.data.parse(answer) }),
    markSubtasks: async () => hostFailure('host-missing', 'not asked'),
  })
  const mission = { slug: 'demo', nodes: [{ wpId: wp('WP01'), lane: 'planned', dependencies: [] }] } as const
  const repository = { root, kittify: join(root, '.kittify'), branch: 'work' }

  await expect(checkMission({ host, repository, mission, strategy: null, wantsFile: false })).rejects.toMatchObject({
    code: 'wrong-branch',
    hint: `git -C '${root}' checkout 'other'`,
  })
})
