"""Imports the package of a console script once, and forks a process for each call of the script.

src/host/warm/ starts it as `<the script's interpreter> warm-host.py <script>`, with the folder, the environment and the
standard streams of a call: /dev/null and two files. Descriptor 3 is a socket, with one JSON object per line:

    <- {"ready": true} or {"cold": "threads", "detail": "..."}
    -> {"id": 1, "args": ["..."], "cwd": "/repo", "set": {"NAME": "value"}, "unset": ["NAME"], "mutates": true,
        "merges": true, "stdout": {"path": "/file", "inode": "17"}, "stderr": {"path": "/file", "inode": "18"}}
    <- {"id": 1, "started": 4711} or {"id": 1, "refused": "changed"}
    <- {"id": 1, "exit": 0} or {"id": 1, "signal": 9}

The process of a call writes `started` itself and then closes the socket. So when this process has died, the end of the
socket tells the other side that no further call will start.
"""

import os
import sys

SOCKET = 3
SCRIPT = sys.argv[1]
SCRIPT_FILE = os.path.realpath(SCRIPT)
DRIVERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "warm-drivers", "server.py")
INTERPRETER_ARGS = list(getattr(sys, "orig_argv", sys.argv)[: -len(sys.argv)])
# Where Python puts the folder of the script, it has put ours. Nothing is imported before this; `os` already was.
if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    sys.path[0] = os.path.dirname(SCRIPT_FILE)
sys.argv = [SCRIPT]

import atexit
import gc
import importlib
import importlib.machinery
import importlib.metadata
import io
import json
import pkgutil
import select
import signal
import socket
import threading
import types


class Cold(Exception):
    """Why the script cannot be kept warm: a word for programs and a detail for a person."""


def main():
    parent = socket.socket(fileno=SOCKET)
    os.set_inheritable(SOCKET, False)
    try:
        stop_watching = end_with(parent)
        installation, source = load()
        drivers = load_drivers()
        stop_watching()
        check_alone()
    except Cold as error:
        word, detail = error.args
        send(parent, {"cold": word, "detail": detail})
        os._exit(0)
    # The garbage collector of a call leaves alone what was imported, so these pages stay shared. It does not look for
    # garbage before, which takes as long as half a call.
    gc.freeze()
    gc.enable()
    send(parent, {"ready": True})
    request = serve(parent, installation)
    end_drivers = None
    if request["merges"]:
        end_drivers, words = drivers.offer(lambda program: is_kept(program, installation))
        if words is not None:
            set_arguments(words)
    status, number = run_script(source)
    end_call(status, number, end_drivers)


def send(parent, message):
    parent.sendall(json.dumps(message).encode() + b"\n")


def end_with(parent):
    """Ends this process with its parent while it imports. Returns a function that stops watching."""
    wake, waker = os.pipe()

    def watch():
        ready = select.select([parent, wake], [], [])[0]
        # Nothing is sent before `ready`, so this is the end of the socket.
        if wake not in ready:
            os._exit(0)

    thread = threading.Thread(target=watch)
    thread.start()

    def stop():
        os.write(waker, b"\0")
        thread.join()
        os.close(wake)
        os.close(waker)

    return stop


def load():
    """Imports the package of the script's entry point, and what its commands need."""
    distribution, entry_point = find_entry_point()
    record = find_record(distribution)
    before = identities([SCRIPT_FILE, record])
    with open(SCRIPT_FILE, "rb") as file:
        source = file.read()
    top = entry_point.module.partition(".")[0]
    gc.disable()
    try:
        entry_point.load()
    except BaseException as error:
        raise Cold("import-failed", describe(error)) from None
    module = sys.modules[top]
    check_source(module, distribution)
    surroundings = look_around()
    if not build_commands(module):
        import_below(module)
    if look_around() != surroundings:
        raise Cold("side-effects", None)
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fstat(1).st_size + os.fstat(2).st_size > 0:
        raise Cold("prints", None)
    # A package that is added, upgraded or removed changes its folder. Importing may have made __pycache__ there.
    packages = os.path.dirname(os.path.dirname(record))
    paths = [SCRIPT_FILE, record, packages]
    return (paths, before + identities([packages])), source


def find_entry_point():
    name = os.path.basename(SCRIPT_FILE)
    for distribution in importlib.metadata.distributions():
        for entry_point in distribution.entry_points:
            if entry_point.group == "console_scripts" and entry_point.name == name:
                if any(same_file(file.locate(), SCRIPT_FILE) for file in distribution.files or () if file.name == name):
                    return distribution, entry_point
    raise Cold("no-package", None)


def find_record(distribution):
    for file in distribution.files:
        if file.name == "RECORD":
            return os.path.realpath(file.locate())
    raise Cold("no-package", None)


def same_file(one, other):
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def check_source(module, distribution):
    """Of code elsewhere, as of an editable installation, the record does not tell when it changes."""
    file = getattr(module, "__file__", None)
    installed = any(
        same_file(listed.locate(), file) for listed in distribution.files if file and listed.name == os.path.basename(file)
    )
    if not installed:
        raise Cold("not-in-record", file)


def build_commands(package):
    """Builds what each call of a typer application builds first: the tree of all its commands.

    That imports what the commands need, and is most of a short call (with spec-kitty 3.2.7 0.15 s of 0.23 s). It is
    done with typer's own function for each application that the package offers by name, and each call uses the tree
    once, as it would use its own: it has a copy. Returns whether there is such an application."""
    typer = sys.modules.get("typer.main")
    try:
        build = typer.get_command
        offered = [getattr(package, name) for name in package.__all__]
        trees = [(app, build(app)) for app in offered if isinstance(app, typer.Typer)]
    except BaseException:
        return False
    typer.get_command = lambda wanted: next((tree for app, tree in trees if app is wanted), None) or build(wanted)
    return len(trees) > 0


def import_below(package):
    """What cannot be imported is left to the calls that need it."""
    for module in pkgutil.iter_modules(getattr(package, "__path__", ()), package.__name__ + "."):
        if module.name.endswith(".__main__"):
            continue
        try:
            import_below(importlib.import_module(module.name))
        except BaseException:
            pass


def look_around():
    """What a module must not change by being imported: a call may not need the module."""
    signals = [signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)]
    return os.getcwd(), dict(os.environ), list(sys.path), sys.excepthook, signals


def describe(error):
    return " ".join("{}: {}".format(type(error).__name__, error).split())[:300]


def identities(paths):
    found = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            return []
        found.append((status.st_dev, status.st_ino, status.st_mtime_ns))
    return found


def check_alone():
    """A fork has only the thread that forks."""
    for _ in range(100):
        threads = count_threads()
        if threads == 1:
            return
        # The kernel ends the thread that watched a moment after `join`.
        select.select([], [], [], 0.01)
    raise Cold("threads", "{} threads".format(threads))


def count_threads():
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


def serve(parent, installation):
    """Returns only in the processes of calls, each ready to run the script: its request."""
    wake, waker = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    calls = {}
    buffered = b""
    while True:
        ready = select.select([parent, wake], [], [])[0]
        if wake in ready:
            os.read(wake, 4096)
            report_ended(parent, calls)
        if parent not in ready:
            continue
        received = parent.recv(65536)
        if not received:
            leave(calls)
        *lines, buffered = (buffered + received).split(b"\n")
        for line in lines:
            # Without a parent nothing may start: another process may already look at what was done.
            if has_gone(parent):
                leave(calls)
            request = json.loads(line)
            if has_changed(installation):
                send(parent, {"id": request["id"], "refused": "changed"})
                continue
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.close(wake)
                os.close(waker)
                become(request, parent)
                return request
            calls[pid] = request


def report_ended(parent, calls):
    while calls:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        call = calls.pop(pid, None)
        if call is None:
            continue
        how = {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"exit": os.WEXITSTATUS(status)}
        send(parent, {"id": call["id"], **how})


def has_gone(parent):
    try:
        return parent.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def leave(calls):
    """A call that changes something is left to finish. Nobody reads the answers of the others."""
    for pid, call in calls.items():
        if call["mutates"]:
            continue
        for kill in (os.killpg, os.kill):
            try:
                kill(pid, signal.SIGKILL)
            except OSError:
                pass
    os._exit(0)


def become(request, parent):
    """The process of a call: its own session, as for any call, with the files that its parent made."""
    os.setsid()
    try:
        outputs = [open_output(request[name]) for name in ("stdout", "stderr")]
        os.chdir(request["cwd"])
        os.environ.update(request["set"])
        for name in request["unset"]:
            os.environ.pop(name, None)
    except (OSError, ValueError) as error:
        send(parent, {"id": request["id"], "refused": describe(error)})
        os._exit(0)
    for number, output in enumerate(outputs, 1):
        os.dup2(output, number)
        os.close(output)
    send(parent, {"id": request["id"], "started": os.getpid()})
    parent.close()
    set_arguments([SCRIPT, *request["args"]])


def set_arguments(words):
    sys.argv = words
    sys.orig_argv = INTERPRETER_ARGS + words


def open_output(file):
    descriptor = os.open(file["path"], os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    if str(os.fstat(descriptor).st_ino) != file["inode"]:
        raise ValueError("another file is in its place")
    return descriptor


def load_drivers():
    """Without writing __pycache__ into our package."""
    drivers = types.ModuleType("sko_warm_drivers")
    drivers.__file__ = DRIVERS
    with open(DRIVERS, "rb") as file:
        exec(compile(file.read(), DRIVERS, "exec"), drivers.__dict__)
    return drivers


def is_kept(program, installation):
    return same_file(program, SCRIPT_FILE) and not has_changed(installation)


def has_changed(installation):
    paths, known = installation
    return identities(paths) != known


def run_script(source):
    """As Python runs it: in a module of that name, with tracebacks that begin in the script.

    Returns the exit status, and the signal to end by."""
    path = sys.argv[0]
    script = types.ModuleType("__main__")
    script.__dict__.update(
        __file__=path,
        __cached__=None,
        __builtins__=sys.modules["builtins"],
        __annotations__={},
        __loader__=importlib.machinery.SourceFileLoader("__main__", path),
    )
    sys.modules["__main__"] = script
    try:
        exec(compile(source, path, "exec"), script.__dict__)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0, None
        print(end.code, file=sys.stderr)
        return 1, None
    except BaseException as error:
        error = error.with_traceback(error.__traceback__.tb_next)
        sys.excepthook(type(error), error, error.__traceback__)
        return 1, signal.SIGINT if isinstance(error, KeyboardInterrupt) else None
    return 0, None


def end_call(status, number, end_drivers):
    """Ends as Python does, but does not take down each module: half of the processor time of a short call."""
    threading._shutdown()
    atexit._run_exitfuncs()
    if end_drivers is not None:
        end_drivers()
    flush_open_files()
    try:
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            stream.flush()
    except Exception:
        # Python says what it could not write, with an exit status of its own.
        sys.exit(status)
    if number is not None:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(status & 0xFF)


def flush_open_files():
    """Python writes out what is left in the buffer of a file when it takes the file down."""
    for kind in (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom):
        for file in gc.get_objects():
            if type(file) is kind and file not in (sys.stdout, sys.stderr) and not file.closed:
                try:
                    file.flush()
                except Exception:
                    pass


main()
