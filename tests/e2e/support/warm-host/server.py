"""Forks the real host, imported once, for every call. Of the 2.7 s of processor time of a call, 2.6 s are Python's
imports and the making of the command tree, which are the same each time.

Takes the path of the socket on which `client.py` asks, and ends when its standard input does: it outlives nobody. A
call is a process of its own, in its own group, with the arguments, folder, environment and standard streams of its
client; its group gets the signals that the client gets, and is killed when the client is. No module of the host reads
folder, environment or clock when it is imported, but for the width of the terminal: `warm-host.ts` gives the one that
sko gives, and a test compares answers with those of the plain program.
"""

import atexit
import contextlib
import gc
import importlib
import os
import pkgutil
import select
import signal
import socket
import sys
import threading

import specify_cli
import typer.main


def import_everything():
    for module in pkgutil.walk_packages(specify_cli.__path__, "specify_cli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def build_commands():
    app = specify_cli._get_app()
    build = typer.main.get_command
    commands = build(app)
    typer.main.get_command = lambda wanted: commands if wanted is app else build(wanted)


def serve(path):
    """Returns in the processes of the calls only, each of them ready to be the host."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    while sys.stdin not in (ready := select.select([listener, sys.stdin], [], [])[0]):
        client, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            supervise(client)
            return
        client.close()
    os._exit(0)


def supervise(client):
    """Returns in the process of the call only; the other one goes between it and its client."""
    _, (request, *streams), _, _ = socket.recv_fds(client, 1, 4)
    call = os.fork()
    if call == 0:
        client.close()
        become(request, streams)
        return
    for descriptor in (request, *streams):
        os.close(descriptor)
    with contextlib.suppress(OSError):
        os.setpgid(call, call)
    end = os.pidfd_open(call)
    while end not in (ready := select.select([end, client, sys.stdin], [], [])[0]):
        signals = client.recv(64) if sys.stdin not in ready else b""
        for number in signals or (signal.SIGKILL,):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(call, number)
        if not signals:
            os._exit(0)
    client.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(call, 0)[1]))
    os._exit(0)


def become(request, streams):
    os.setpgid(0, 0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    with open(request, "rb") as file:
        file.seek(0)
        folder, count, *words = file.read().split(b"\0")
    os.chdir(folder)
    sys.argv = ["spec-kitty", *map(os.fsdecode, words[: int(count)])]
    os.environ.clear()
    os.environb.update(word.split(b"=", 1) for word in words[int(count) :])


def end_at_once(main):
    """Python takes every module down before it exits, which touches all that was imported: half of the processor time
    of a short call. What ends in another way than by an exit status ends as Python does it."""
    status = 0
    try:
        main()
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        status = end.code or 0
    threading._shutdown()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(status)
    os._exit(status & 0xFF)


import_everything()
build_commands()
gc.collect()
gc.freeze()
assert threading.active_count() == 1, "a fork would lose the other threads"
serve(sys.argv[1])
end_at_once(specify_cli.main)
