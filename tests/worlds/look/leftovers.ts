import { readdirSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processesWithMarker } from '../../cli/support/leaks.ts'
import { linesOf } from '../../cli/support/scenario.ts'
import type { CellWorld } from '../world.ts'

/** Files, relative to the folder of the cell, where only acts may write. */
export function listing(world: CellWorld): ReadonlySet<string> {
  const { folder } = world
  const repo = realpathSync(world.repo)
  const ours = [join(repo, '.worktrees'), join(repo, '.kittify'), join(repo, 'kitty-specs')]
  // `git-dir`: where a project keeps its folder of git apart.
  const gitFolders = [join(repo, '.git'), join(folder, 'git-dir')]
  // `gitdir`: `git worktree repair` writes it into a folder of git that is apart (measured with 2.39).
  const inGit =
    /^(?:objects|logs|refs|worktrees|modules|lfs|spec-kitty-locks|branches|rr-cache)$|^(?:index|packed-refs|config\.worktree|[A-Z_]+|gc\.log|gc\.pid|gitdir)$/
  const below = (path: string): readonly string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap(entry => {
      const at = join(path, entry.name)
      if (hostsHome.test(relative(folder, at))) return []
      if (ours.includes(at) || (path === folder && notes.test(entry.name))) return []
      if (gitFolders.includes(path) && inGit.test(entry.name)) return []
      return entry.isDirectory() ? below(at) : [relative(folder, at)]
    })
  return new Set(below(folder))
}

/** The host installs its commands and skills for every agent that it knows. */
const hostsHome =
  /^home\/\.(?:agents?|amazonq|augment|claude|codex|config\/opencode|copilot|cursor|gemini|github|kilocode|kiro|kittify|opencode|qwen|roo|spec-kitty|vibe|windsurf)$/

const notes =
  /^(?:written|reviewed|run-by-sko|agent-writes|agents\.(?:ndjson|json.*)|host-calls\.log|prompt-\d+|acts|person|turns|moved)$/

/** I5: new files outside of what is ours, and processes. */
export async function leftBehind(
  world: CellWorld,
  before: ReadonlySet<string>,
  patience = leavingMs,
): Promise<readonly string[]> {
  const tracked = new Set((await world.git('ls-tree', '-r', '--name-only', '-z', 'HEAD')).split('\0'))
  const repo = realpathSync(world.repo)
  // An act may have named it by way of a link to the repository.
  const byRealPath = (file: string) => (isBelow(file, world.repo) ? join(repo, relative(world.repo, file)) : file)
  const registered = new Set(world.written().map(({ file }) => byRealPath(file)))
  const strange = [...listing(world)].filter(path => {
    const inRepo = relative(repo, join(world.folder, path))
    const known =
      before.has(path) || tracked.has(inRepo) || registered.has(join(world.folder, path)) || registered.has(inRepo)
    return !known && inRepo !== join('.git', 'info', 'exclude')
  })
  const refs = (await world.git('for-each-ref', '--format=%(refname)')).split('\n')
  const strangeRefs = refs.filter(ref => !usualRefs.test(ref))
  return [
    ...strange.map(path => `I5: ${path} was left behind`),
    ...strangeRefs.map(ref => `I5: the ref ${ref} was left behind`),
    ...linesOf(join(world.folder, 'run-by-sko')).map(program => `I5: a git call of sko ran ${program}`),
    ...(await processesLeft(world, patience)).map(command => `I5: still running: ${command}`),
  ]
}

function isBelow(file: string, folder: string): boolean {
  return file.startsWith(`${folder}${sep}`)
}

/** Of the project, of the host, of acts, and ours. */
const usualRefs = /^refs\/(?:heads\/(?:main|work|kitty\/.*|feature\/mine)$|sko\/|stash$|remotes\/|tags\/)/

const leavingMs = 10_000

async function processesLeft({ folder }: CellWorld, patience: number): Promise<readonly string[]> {
  const deadline = Date.now() + patience
  for (;;) {
    const left = processesWithMarker('WORLD', folder)
    if (left.length === 0 || Date.now() > deadline) {
      for (const { pid } of left) process.kill(pid, 'SIGKILL')
      return left.map(({ command }) => command)
    }
    await sleep(50)
  }
}
