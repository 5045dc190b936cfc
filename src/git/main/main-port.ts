import type { MainCheckout } from '../../run/mission/main-checkout.ts'
import type { Ports } from '../../run/ports.ts'
import { asValue } from '../as-value.ts'
import { currentBranch } from '../repository.ts'
import { whyNotMerge } from './main-checkout.ts'
import { bringBackFile } from './planned-files.ts'
import { takeBack } from './shared-settings.ts'
import { switchCommand } from './switch-back.ts'

interface Place {
  readonly root: string
  readonly mission: string
  readonly runId: string
  readonly report: Ports['report']
  readonly strategyOfHost: MainCheckout['strategyOfHost']
}

export function createMainCheckout({ root, mission, runId, report, strategyOfHost }: Place): MainCheckout {
  const why = 'the merge drops what the planning left uncommitted'
  const onKept = (ref: string) => report({ type: 'main-checkout-kept', ref, why })
  return {
    branch: () => currentBranch(root),
    switchCommand: branch => switchCommand(root, branch),
    whyNotMerge: asValue(how => whyNotMerge({ root, mission, runId, onKept }, how)),
    strategyOfHost,
    takeBack: flips => takeBack(root, flips),
    bringBack: wpId => bringBackFile(root, mission, wpId),
  }
}
