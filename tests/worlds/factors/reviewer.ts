import type { Act, Level } from '../level.ts'

/** What the reviewer of WP01 does beside its review; the second one approves. */
const approving = (shell: string): readonly Act[] => [{ turn: 'review-WP01-2', when: 'before', shell }]

const writes = { reviewerWrites: true }

export const reviewer: readonly Level[] = [
  { name: 'plain', quick: true },
  { name: 'edits', quick: true, acts: approving('write src/WP01.txt src/by-reviewer.txt'), truth: writes },
  { name: 'commits', quick: true, acts: approving("write src/by-reviewer.txt; commit 'WP01: better'"), truth: writes },
  { name: 'resets', acts: approving('git reset -q --hard HEAD~1'), truth: writes },
  { name: 'checks-out', acts: approving('git checkout -q --detach HEAD~1'), truth: writes },
  {
    name: 'amends',
    acts: approving('write src/by-reviewer.txt; git add -A; git commit -q --amend -m mine'),
    truth: writes,
  },
  { name: 'squashes', acts: approving('git reset -q --soft HEAD~1; commit "WP01: in one"'), truth: writes },
  {
    name: 'rebases',
    acts: approving('git -c user.name=a -c user.email=a rebase -q --force-rebase HEAD~2'),
    truth: writes,
  },
  {
    name: 'own-repository',
    acts: approving('git init -q sub; cd sub; write deep.txt; commit deep; cd ..'),
    truth: writes,
  },
  {
    name: 'moves-lane',
    quick: true,
    acts: approving(
      'host orchestrator-api transition --mission "$MISSION" --wp WP01 --to done --actor spec-kitty-orchestrator --policy "$POLICY" --review-result-json \'{"reviewer":"me","verdict":"approved","reference":"review/WP01"}\' --evidence-json \'{"review":{"reviewer":"me","verdict":"approved","reference":"review/WP01"}}\'',
    ),
    truth: { lanesMoved: true },
  },
  {
    name: 'edits-main',
    acts: approving('write "$REPO/README.md"'),
    truth: { ...writes, mainTouched: true },
  },
  { name: 'sparse', acts: approving('git sparse-checkout set src'), truth: writes },
]
