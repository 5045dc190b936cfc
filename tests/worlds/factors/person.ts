import type { Level, PersonsAct } from '../level.ts'

const at = (turn: PersonsAct['turn'], shell: string): readonly PersonsAct[] => [{ turn, shell }]

export const person: readonly Level[] = [
  { name: 'away', quick: true },
  {
    name: 'commits-in-main',
    quick: true,
    person: at('implementation-WP01-2', 'write notes.txt; git add notes.txt; git commit -q -m "A note"'),
  },
  {
    name: 'edits-in-main',
    person: at('implementation-WP01-2', 'write README.md'),
  },
  {
    name: 'commits-in-lane',
    quick: true,
    person: at(
      'implementation-WP01-2',
      'cd .worktrees/*-lane-a && write src/WP01.txt && git add -A && git commit -q -m "A hint"',
    ),
  },
  {
    name: 'edits-work-package',
    quick: true,
    person: at(
      'review-WP01-1',
      'for file in kitty-specs/*/tasks/WP02*.md; do write "$file"; done; git add -A kitty-specs; git commit -q -m "Say more"',
    ),
  },
  {
    name: 'edits-mission',
    person: at('review-WP01-1', 'for file in kitty-specs/*/tasks.md kitty-specs/*/spec.md; do write "$file"; done'),
  },
  { name: 'leaves-new-file', person: at('review-WP01-1', 'write src/mine.txt notes/mine.txt') },
  {
    name: 'finalizes-again',
    person: at('review-WP01-1', 'host orchestrator-api tasks --mission "$MISSION" --policy "$POLICY"'),
  },
  {
    name: 'switches-branch',
    quick: true,
    person: at(
      'implementation-WP01-2',
      'git stash -q -u; git checkout -q main; sleep 3; git checkout -q -f work; git stash pop -q || true',
    ),
  },
  {
    name: 'blocks',
    person: at(
      'implementation-WP02-1',
      'host orchestrator-api transition --mission "$MISSION" --wp WP02 --to blocked --actor person --policy "$POLICY" --note "wait"',
    ),
    truth: { lanesMoved: true },
  },
  {
    name: 'pulls',
    person: at(
      'implementation-WP01-2',
      'git clone -q . "$WORLD/tmp/other"; (cd "$WORLD/tmp/other" && git config user.email p@example.invalid && git config user.name "A Person" && write pulled.txt && git add -A && git commit -q -m "From afar"); git pull -q --no-rebase "$WORLD/tmp/other" work || true; rm -rf "$WORLD/tmp/other"',
    ),
  },
]
