/** 1.4.0 is spec-kitty-cli 3.2.6; older hosts cannot leave in_review without `--force`. */
const minimum = { major: 1, minor: 4 }
const belowMajor = 2

export const supportedContract = '>= 1.4.0, < 2.0.0'

export type ContractCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string; readonly hint: string }

/** Compares `api_version` of contract-version with the range above. */
export function checkContract(apiVersion: string): ContractCheck {
  const match = /^(\d{1,6})\.(\d{1,6})\.\d{1,6}(?:[-+.][\w.+-]{1,40})?$/.exec(apiVersion)
  if (match === null) return refuse('The host reports an invalid contract version', installHost)
  const major = Number(match[1])
  const minor = Number(match[2])
  if (major >= belowMajor) {
    return refuse(
      `The host speaks contract ${apiVersion}, which is newer than this orchestrator`,
      'npm install --global spec-kitty-orchestrator@latest',
    )
  }
  if (major < minimum.major || (major === minimum.major && minor < minimum.minor)) {
    return refuse(`The host speaks contract ${apiVersion}, which is too old`, installHost)
  }
  return { ok: true }
}

const installHost = "pip install --upgrade 'spec-kitty-cli>=3.2.6,<4'"

function refuse(cause: string, hint: string): ContractCheck {
  return { ok: false, message: `${cause} (supported: ${supportedContract})`, hint }
}
