import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { onTestFinished } from 'vitest'
import type { HostCall } from '../../../src/process/host-call.ts'
import { openWarmHost, type WarmHost } from '../../../src/host/warm/warm-host.ts'

/** A Python package of our own with a console script. Its folder is that of the script, so Python finds it there. */
export interface TinyHost {
  readonly command: string
  readonly bin: string
  /** The folder in which it is called. */
  readonly repo: string
  readonly env: Readonly<Record<string, string>>
  /** The file in which each import of a module of the package leaves a line with the process's id. */
  readonly imports: string
  call(args: readonly string[], more?: Partial<HostCall>): HostCall
  /** Keeps it warm until the test ends. */
  warm(): WarmHost
}

export interface TinyHostOptions {
  /** Modules of the package beside `cli`, by path. */
  readonly modules?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly script?: string
  /** Lines of RECORD; default: all files. */
  readonly record?: readonly string[]
}

const python = execaSync('python3', ['-c', 'import sys; print(sys.executable)']).stdout

export function makeTinyHost({ modules = {}, env = {}, script, record }: TinyHostOptions = {}): TinyHost {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sko-tiny-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const [bin, repo, imports] = [join(folder, 'bin'), join(folder, 'repo'), join(folder, 'imports')]
  const noteImport = `import os\nwith open(${JSON.stringify(imports)}, "a") as f: f.write(f"{__name__} {os.getpid()}\\n")\n`
  const files: Record<string, string> = {
    'tiny_kitty/__init__.py': noteImport,
    'tiny_kitty/cli.py': `${noteImport}${cli}`,
    'tiny_kitty/deep/__init__.py': noteImport,
    'tiny_kitty/deep/late.py': noteImport,
    'tiny_kitty/__main__.py': 'raise SystemExit("not to be imported")\n',
    ...Object.fromEntries(Object.entries(modules).map(([path, text]) => [`tiny_kitty/${path}`, text])),
    'tiny_kitty-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: tiny-kitty\nVersion: 1.0\n',
    'tiny_kitty-1.0.dist-info/entry_points.txt': '[console_scripts]\ntiny-kitty = tiny_kitty.cli:main\n',
    'tiny-kitty': script ?? `#!${python}\n${consoleScript}`,
  }
  const recordFile = 'tiny_kitty-1.0.dist-info/RECORD'
  files[recordFile] = (record ?? [...Object.keys(files), recordFile]).map(path => `${path},,\n`).join('')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(bin, path, '..'), { recursive: true })
    writeFileSync(join(bin, path), text)
  }
  mkdirSync(repo)
  const command = join(bin, 'tiny-kitty')
  chmodSync(command, 0o755)
  const all = { PATH: process.env.PATH ?? '', HOME: folder, LC_ALL: 'C.UTF-8', PYTHONUTF8: '1', COLUMNS: '1000', ...env }
  return {
    command,
    bin,
    repo,
    env: all,
    imports,
    call: (args, more = {}) => ({
      ...{ file: command, args, cwd: repo, env: all, timeoutSeconds: 60, maxBytes: 1_000_000 },
      ...more,
    }),
    warm: () => {
      const warm = openWarmHost({ command, cwd: repo, env: all })
      onTestFinished(() => warm.close())
      return warm
    },
  }
}

const consoleScript = `# -*- coding: utf-8 -*-
import re
import sys
from tiny_kitty.cli import main
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit(main())
`

const cli = `
import atexit, json, os, signal, subprocess, sys, time

def look():
    main = sys.modules["__main__"]
    return {
        "argv": sys.argv, "orig_argv": sys.orig_argv, "cwd": os.getcwd(), "environ": dict(os.environ),
        "path": sys.path, "flags": str(sys.flags), "executable": sys.executable,
        "main": {name: str(type(main.__dict__[name])) for name in sorted(main.__dict__)}, "file": main.__file__,
        "spec": str(main.__spec__), "package": str(main.__package__),
        "streams": [[s.encoding, s.errors, s.isatty(), s.line_buffering, s.seekable()] for s in (sys.stdin, sys.stdout, sys.stderr)],
        "stdin": [os.fstat(0).st_rdev, sys.stdin.read()],
        "leads": [os.getpid() == os.getpgid(0), os.getpid() == os.getsid(0)],
        "signals": [str(signal.getsignal(n)) for n in range(1, 32) if n not in (9, 19)], "mask": str(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "descriptors": sorted(int(n) for n in os.listdir("/proc/self/fd"))[:-1], "umask": os.umask(0o22),
        "git": subprocess.run(["sh", "-c", "env | sort; ls /proc/self/fd"], stdout=subprocess.PIPE, text=True).stdout.splitlines(),
    }

def main():
    what, *rest = sys.argv[1:]
    if what == "look":
        print(json.dumps(look(), indent=1))
    elif what == "echo":
        print(*rest)
        print(*rest, file=sys.stderr)
    elif what == "exit":
        return int(rest[0])
    elif what == "say-exit":
        sys.exit(rest[0])
    elif what == "raise":
        print("before")
        raise ValueError("no such thing\\nat all")
    elif what == "interrupt":
        raise KeyboardInterrupt
    elif what == "signal":
        os.kill(os.getpid(), int(rest[0]))
        time.sleep(60)
    elif what == "hook":
        sys.excepthook = lambda kind, error, tb: print("hook", kind, error, [f.name for f in __import__("traceback").extract_tb(tb)])
        raise ValueError("x")
    elif what == "atexit":
        atexit.register(lambda: print("at the end"))
        __import__("threading").Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
    elif what == "unflushed":
        global kept
        kept = open(rest[0], "w")
        kept.write("all of it")
    elif what == "flood":
        while True:
            print("x" * 10000, flush=True)
    elif what == "hang":
        for number in (1, 2, 15):
            signal.signal(number, signal.SIG_IGN)
        if rest:
            child = subprocess.Popen(["sleep", "600"])
            with open(rest[0] + ".new", "w") as f:
                f.write(f"{os.getpid()} {child.pid}")
            os.rename(rest[0] + ".new", rest[0])
        time.sleep(600)
    elif what == "background":
        child = subprocess.Popen(["sleep", "600"])
        print(child.pid)
    elif what == "gate":
        print("begun", flush=True)
        os.rename(rest[0], rest[0] + ".at-" + str(os.getpid()))
        open(rest[1]).read()
        print("applied")
    elif what == "pid":
        print(os.getpid(), os.getppid())
    elif what == "random":
        import random, uuid
        print(random.random(), uuid.uuid4())
    elif what == "modules":
        print(sorted(m for m in sys.modules if m in rest), [sys.modules[m].__file__ for m in rest if m in sys.modules])
    elif what == "import":
        __import__(rest[0])
        print(sys.modules[rest[0]].__file__)
`
