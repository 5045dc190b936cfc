import { missionsMeant, otherSpelling } from '../../core/mission/mission-id.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { missionNames, type Repository } from '../../git/repository.ts'
import type { HostClient } from '../../run/host/host-client.ts'
import type { HostErrorCode } from '../../run/host/host-outcome.ts'
import { look, type Mission } from '../../run/mission/look.ts'
import { firstState } from './preflight.ts'

/**
 * Finds the mission by any handle of the host. Its answer has the full slug, the only name that the host's writes take.
 * The error for a wrong or ambiguous handle lists the missions.
 */
export async function findMission(
  host: HostClient,
  handle: string | undefined,
  repository: Repository,
): Promise<Mission> {
  const names = missionNames(repository)
  if (handle === undefined) throw noMission('--mission is missing', names)
  const answer = await firstState(host, handle)
  if (answer.ok || !notFound.includes(answer.code)) return look(host, handle, answer)
  const spelling = otherSpelling(handle, names)
  if (spelling !== null) return findMission(host, spelling, repository)
  const meant = missionsMeant(handle, names)
  if (meant.length > 1) throw noMission(`--mission ${JSON.stringify(handle)} is ambiguous`, meant)
  if (answer.code === 'host-defect') return look(host, handle, answer)
  throw noMission(`there is no mission ${JSON.stringify(handle)}`, names)
}

/** Measured (3.2.7): eight characters that begin two ids are a traceback. */
const notFound: readonly HostErrorCode[] = ['MISSION_NOT_FOUND', 'invalid-input', 'host-defect']

function noMission(message: string, names: readonly string[]): OrchestratorError {
  const list = names.length === 0 ? 'there is none in this repository' : names.join(', ')
  return new OrchestratorError({
    code: 'mission-not-found',
    exitCode: exitCodes.usage,
    message,
    hint: `missions: ${list}`,
  })
}
