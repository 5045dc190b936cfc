"""Makes the merge drivers of a call warm. git starts them by name on PATH, each a full start of Python.

A call gets a process beside it, forked before the script runs and in the same process group: it ends with the call, in
whatever way that ends. The git processes of the call inherit a socket to it, and a PATH that begins with a folder of
ours. So git starts path/<the script's name>, which asks over the socket, by client.py, for a fork with its arguments,
folder, environment and standard streams. There is no socket in the file system, and only descendants of the call have
one. Whatever is odd makes client.py become the installed script, as if nothing of this were here.
"""

import os
import select
import signal
import socket
import subprocess
import sys

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "path")
# Set by git and by the shell that it starts. No module reads them when it is imported.
SET_BY_GIT = (b"PATH", b"PWD", b"OLDPWD", b"SHLVL", b"_")
LONGEST_REQUEST_SECONDS = 10


def offer(is_kept):
    """Forks the process beside the call. Returns what ends it, and in each driver its program with the arguments.

    `is_kept`: whether a program is the one that is imported here."""
    fork_exec = find_fork_exec()
    if fork_exec is None or ":" in PROGRAMS:
        return None, None
    try:
        asking, requests = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        ended, alive = os.pipe()
        server = os.fork()
    except OSError:
        return None, None
    if server == 0:
        asking.close()
        os.close(alive)
        return None, serve_or_die(requests, ended, is_kept)
    requests.close()
    os.close(ended)
    give_to_git(asking, *fork_exec)

    def end():
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)

    return end, None


def find_fork_exec():
    """The function by which `subprocess` starts a program, with the module and name that it has there."""
    for module, name in ((subprocess, "_fork_exec"), (getattr(subprocess, "_posixsubprocess", None), "fork_exec")):
        function = getattr(module, name, None)
        if function is not None:
            return module, name, function
    return None


def give_to_git(asking, module, name, fork_exec):
    """Not by the environment of the call, which would be another one than that of a cold call. And the script may put
    its own folder first on the PATH of git."""
    # Detached, so that nothing closes it.
    descriptor = asking.detach()
    own = {
        b"SKO_WARM_PYTHON": os.fsencode(sys.executable),
        b"SKO_WARM_SOCKET": b"%d:%d" % (descriptor, os.fstat(descriptor).st_ino),
    }

    def start(arguments, programs, close_fds, kept, folder, environment, *others):
        if os.path.basename(programs[0]) == b"git":
            kept = tuple(sorted({*kept, descriptor}))
            environment = with_programs(environment, own)
        return fork_exec(arguments, programs, close_fds, kept, folder, environment, *others)

    setattr(module, name, start)


def with_programs(environment, own):
    entries = [b"%s=%s" % entry for entry in os.environb.items()] if environment is None else environment
    variables = dict(entry.split(b"=", 1) for entry in entries)
    # Without PATH the system has one of its own.
    if b"PATH" not in variables:
        return environment
    path = os.fsencode(PROGRAMS) + b":" + variables[b"PATH"]
    return [b"%s=%s" % entry for entry in {**variables, **own, b"PATH": path}.items()]


def serve_or_die(requests, ended, is_kept):
    """Whatever happens to it, this process is not the call."""
    try:
        return serve(requests, ended, is_kept)
    except BaseException:
        os._exit(1)


def serve(requests, ended, is_kept):
    """Returns in the process of each driver, with its program and arguments."""
    wake, waker = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(waker, False)
    interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    # One after the other, as git merges files.
    while requests in select.select([requests, ended], [], [])[0]:
        streams, client = receive(requests)
        driver = read_driver(client, streams, is_kept)
        pid = os.fork() if driver else None
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, interrupt)
            for descriptor in (wake, waker, ended, requests.detach()):
                os.close(descriptor)
            return become(driver, streams, client)
        for stream in streams:
            os.close(stream)
        if pid:
            send(client, b"%d" % wait_for(pid, client, wake))
        client.close()
    os._exit(0)


def receive(requests):
    _, descriptors, _, _ = socket.recv_fds(requests, 1, 4)
    *streams, connection = descriptors
    return streams, socket.socket(fileno=connection)


def read_driver(client, streams, is_kept):
    """None: it must not run here."""
    client.settimeout(LONGEST_REQUEST_SECONDS)
    try:
        umask, folder, program, count, *words = read_request(client).split(b"\0")
    except (OSError, ValueError):
        return None
    client.settimeout(None)
    arguments, variables = words[: int(count)], words[int(count) :]
    environment = dict(variable.split(b"=", 1) for variable in variables)
    differing = {name for name, _ in set(environment.items()) ^ set(os.environb.items())}
    if not all(name.startswith(b"GIT") or name in SET_BY_GIT for name in differing):
        return None
    if any(map(os.isatty, streams)) or not is_kept(program):
        return None
    return int(umask, 10), folder, environment, [program, *arguments]


def read_request(client):
    received = b""
    while b"\n" not in received:
        received += receive_more(client)
    length, _, request = received.partition(b"\n")
    while len(request) < int(length):
        request += receive_more(client)
    return request


def receive_more(client):
    received = client.recv(65536)
    if not received:
        raise EOFError
    return received


def wait_for(pid, client, wake):
    """The client is killed with its git, or by itself. Then the driver ends too, as it would in its place."""
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        ready = select.select([client, wake], [], [])[0]
        if client in ready:
            os.kill(pid, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.read(wake, 4096)


def send(client, message):
    try:
        client.sendall(message)
    except OSError:
        pass


def become(driver, streams, client):
    umask, folder, environment, words = driver
    try:
        os.chdir(folder)
        os.environb.clear()
        os.environb.update(environment)
        client.sendall(b"s")
    except (OSError, ValueError):
        os._exit(0)
    # It stays open, so that its end tells the client that the driver has ended, whatever becomes of the server.
    client.detach()
    os.umask(umask)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    return [os.fsdecode(word) for word in words]
