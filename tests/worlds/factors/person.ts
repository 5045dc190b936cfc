import type { Level } from '../level.ts'

const inMain = { mainTouched: true }

/** What a person does, begun in the main checkout; `stage` has the times. */
export const person: readonly Level[] = [
  { name: 'away', quick: true },
  {
    name: 'commits-in-main',
    quick: true,
    person: 'write notes.txt; git add notes.txt; git commit -q -m "A note"',
    truth: inMain,
  },
  {
    name: 'edits-in-main',
    person: 'write README.md',
    truth: inMain,
  },
  {
    name: 'commits-in-lane',
    quick: true,
    person: 'cd .worktrees/*-lane-a && write src/WP01.txt && git add -A && git commit -q -m "A hint"',
    truth: { personInLane: true },
  },
  {
    name: 'edits-work-package',
    quick: true,
    person:
      'for file in kitty-specs/*/tasks/WP02*.md; do write "$file"; done; git add -A kitty-specs; git commit -q -m "Say more"',
    truth: inMain,
  },
  {
    name: 'edits-mission',
    person: 'for file in kitty-specs/*/tasks.md kitty-specs/*/spec.md; do write "$file"; done',
    truth: inMain,
  },
  { name: 'leaves-new-file', person: 'write src/mine.txt notes/mine.txt', truth: inMain },
  {
    name: 'finalizes-again',
    person: 'host orchestrator-api tasks --mission "$MISSION" --policy "$POLICY"',
    truth: inMain,
  },
  {
    name: 'switches-branch',
    quick: true,
    person: 'git stash -q -u; git checkout -q main; sleep 3; git checkout -q -f work; git stash pop -q || true',
    truth: inMain,
  },
  {
    name: 'blocks',
    person:
      'host orchestrator-api transition --mission "$MISSION" --wp WP02 --to blocked --actor person --policy "$POLICY" --note "wait"',
    truth: { lanesMoved: true },
  },
  {
    name: 'pulls',
    person:
      'git clone -q . "$WORLD/tmp/other"; (cd "$WORLD/tmp/other" && git config user.email p@example.invalid && git config user.name "A Person" && write pulled.txt && git add -A && git commit -q -m "From afar"); git pull -q --no-rebase "$WORLD/tmp/other" work || unwritten pulled.txt; rm -rf "$WORLD/tmp/other"',
    truth: inMain,
  },
]
