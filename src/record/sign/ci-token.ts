import * as z from 'zod'
import { parseJson } from '../../core/json.ts'

/** Of GitHub's own service, which is near. */
const tokenSeconds = 20

const answer = z.object({ value: z.string().min(1) })

/**
 * Asks GitHub Actions for a token that names the workflow. null: this is no job that may have one. Sigstore's own
 * provider has no limit of time.
 */
export function ciToken(env: Readonly<NodeJS.ProcessEnv>): (() => Promise<string>) | null {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: password } = env
  if (!address || !password) return null
  return async () => {
    const url = new URL(address)
    url.searchParams.set('audience', 'sigstore')
    const headers = { accept: 'application/json', authorization: `Bearer ${password}` }
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(tokenSeconds * 1000) })
    const parsed = answer.safeParse(parseJson(await response.text()))
    if (response.ok && parsed.success) return parsed.data.value
    throw new Error(response.ok ? 'its answer has no token' : `it answers ${response.status}`)
  }
}
