import type { Act, Level } from '../level.ts'

/** What the implementer of WP01 does beside its work: in the first attempt, or in the rework that its review asked for. */
const first = (shell: string, when: Act['when'] = 'after'): readonly Act[] => [
  { turn: 'implementation-WP01-1', when, shell },
]
const rework = (shell: string, when: Act['when'] = 'after'): readonly Act[] => [
  { turn: 'implementation-WP01-2', when, shell },
]

export const implementer: readonly Level[] = [
  { name: 'plain', quick: true },
  { name: 'commits', acts: first("commit 'WP01: mine'") },
  { name: 'amends', acts: rework('git add -A && git commit -q --amend -m "WP01: anew"') },
  {
    name: 'resets',
    quick: true,
    acts: rework('write src/reset.txt; commit one; git reset -q --hard HEAD~2; write src/WP01.txt', 'before'),
  },
  {
    name: 'commits-on-another-branch',
    acts: first("git checkout -q -b feature/mine; write src/branch.txt; commit 'WP01: on a branch of mine'"),
  },
  { name: 'detaches', acts: first("git checkout -q --detach; write src/detached.txt; commit 'WP01: detached'") },
  { name: 'stashes', quick: true, acts: first('write src/stashed.txt; git stash -q -u; write src/WP01.txt') },
  {
    name: 'stash-of-another-lane',
    acts: [
      ...first('write src/stashed.txt; git stash -q -u; write src/WP01.txt'),
      { turn: 'implementation-WP02-1', when: 'after', shell: 'git stash pop -q || true' },
    ],
  },
  {
    name: 'own-repository',
    acts: first(
      'mkdir -p app && cd app && git init -q . && write app.txt && commit inner && write later.txt && cd ..',
      'before',
    ),
  },
  {
    name: 'edits-main',
    quick: true,
    acts: first('write "$REPO/src/in-main.txt" "$REPO/README.md"'),
    truth: { mainTouched: true },
  },
  { name: 'deletes-worktree', acts: first('commit mine; here=$PWD; cd /; rm -rf "$here"') },
  { name: 'deletes-git-file', acts: first('rm .git') },
  {
    name: 'approves-itself',
    acts: first(
      'commit mine; host orchestrator-api transition --mission "$MISSION" --wp WP01 --to for_review --actor spec-kitty-orchestrator --policy "$POLICY"; host orchestrator-api start-review --mission "$MISSION" --wp WP01 --actor spec-kitty-orchestrator --policy "$POLICY"; host orchestrator-api transition --mission "$MISSION" --wp WP01 --to approved --actor spec-kitty-orchestrator --policy "$POLICY" --review-result-json \'{"reviewer":"me","verdict":"approved","reference":"review/WP01"}\' --evidence-json \'{"review":{"reviewer":"me","verdict":"approved","reference":"review/WP01"}}\'',
    ),
    truth: { lanesMoved: true },
  },
  {
    name: 'moves-another',
    acts: first(
      'host orchestrator-api transition --mission "$MISSION" --wp WP02 --to blocked --actor me --policy "$POLICY" --note "blocked by WP01"',
    ),
    truth: { lanesMoved: true },
  },
  {
    name: 'accepts-mission',
    acts: first('host orchestrator-api accept-mission --mission "$MISSION" --actor me --policy "$POLICY"'),
  },
  {
    name: 'merges-mission',
    acts: first(
      'commit mine; host orchestrator-api merge-mission --mission "$MISSION" --strategy merge --policy "$POLICY"',
    ),
  },
  {
    name: 'sets-git-up',
    acts: first(
      'git config core.fsmonitor "$WORLD_PROGRAMS/monitors"; git config commit.gpgsign true; git config gpg.program "$WORLD_PROGRAMS/fails"; git config core.hooksPath "$WORLD_PROGRAMS"; git config diff.external false',
    ),
  },
  { name: 'flips-bare', acts: first('git config core.bare true') },
  { name: 'flips-worktree', acts: first('git config core.worktree "$WORLD/tmp"') },
  { name: 'skips-worktree', acts: rework('git update-index --skip-worktree src/WP01.txt; write src/WP01.txt') },
  {
    name: 'leaves-daemons',
    quick: true,
    acts: first(
      'setsid sh -c "while sleep 0.1; do echo x >>src/daemon.txt; done" </dev/null >/dev/null 2>&1 & nohup sleep 600 >/dev/null 2>&1 &',
    ),
  },
  {
    name: 'fills-disk',
    // On a file system that is small, if .worktrees is one: what a build leaves, in a folder that git ignores.
    acts: first('mkdir -p .kittify/logs; head -c 20m /dev/zero >.kittify/logs/build || true', 'before'),
    personsCure: async world => {
      await world.shell('rm -f .worktrees/*/.kittify/logs/build')
    },
  },
  {
    // No promise holds for what git ignores: not the file that a reviewer writes.
    name: 'ignores-its-work',
    acts: first('printf "src/*\\n!src/WP01.txt\\n!src/by-reviewer.txt\\n" >.gitignore; echo ignored >src/kept-out.txt'),
  },
  {
    name: 'plants-files',
    acts: first(
      'mkdir -p .kittify; ln -s / loop; mkfifo pipe; printf x >"$(printf "a\\nb")"; write ./-rf ".kittify/planted"',
    ),
  },
  {
    name: 'prints-codes',
    acts: first('printf "\\033]0;title\\007\\033[2J sk-ant-api03-%s\\n" "$(head -c 60 /dev/zero | tr "\\0" a)"'),
  },
  {
    name: 'deletes-own-branch',
    acts: first('git checkout -q --detach; git branch -D -q "kitty/mission-$MISSION-lane-a" || true'),
  },
  { name: 'rebases', acts: rework('git -c user.name=a -c user.email=a rebase -q HEAD~1 --force-rebase || true') },
]
