import { modelOfWp, roleOfModel, shownValue } from '../../core/agent/wp-model.ts'
import type { AgentId } from '../../core/ids.ts'
import type { Role, WorkPackage } from '../../core/work-package/work-package.ts'
import { settingsOf } from '../attempts/agent-pool.ts'
import { readWpFile } from '../mission/wp-file.ts'
import type { RunContext } from '../run-context.ts'

/** The model for which the frontmatter of the WP asks, where our configuration names none; null: none is used. */
export function wpModel(
  { wpId, record }: WorkPackage,
  role: Role,
  agent: AgentId,
  file: Uint8Array,
  run: RunContext,
): string | null {
  const { asks } = readWpFile(file)
  if (roleOfModel(asks) !== role) return null
  run.models.read(wpId, asks, agent)
  const { takesModel } = run.agents.agent(agent)
  const settings = settingsOf(run.config, agent, role)
  const answer = modelOfWp({ wanted: asks.model, agent, settings, takesModel, attempts: record.attempts })
  if (answer.refused !== null) {
    run.models.refused({ wpId, agent, role, model: shownValue(asks.model), reason: answer.refused })
  }
  return answer.use
}
