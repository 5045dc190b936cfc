"""Has server.py run a program, and ends as it ends. Without a server it becomes the program.

Arguments: the name of the program, which is on PATH, and its arguments. git starts this for each file that it merges, so
it imports little.
"""

import os
import sys
from _signal import SIG_DFL, SIGKILL, signal
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_DGRAM, SOL_SOCKET, socket, socketpair
from stat import S_ISSOCK


def main():
    name, *arguments = sys.argv[1:]
    os.environb.pop(b"SKO_WARM_PYTHON", None)
    place = os.environb.pop(b"SKO_WARM_SOCKET", b"")
    program = find(os.fsencode(name))
    server = connect(place)
    connection = server and ask(server, program, arguments)
    # Until the server has said that it starts, nothing was. Then the program must not be started again.
    if connection is None or receive(connection, 1) != b"s":
        become(program, arguments)
    end = receive(connection, 16)
    end_with(int(end) if end else -SIGKILL)


def find(name):
    for folder in os.environb.get(b"PATH", b"").split(b":"):
        program = os.path.join(folder, name)
        if os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    return name


def connect(place):
    """The socket that was inherited; None: it is no longer the one that it was."""
    try:
        descriptor, inode = map(int, place.split(b":"))
        status = os.fstat(descriptor)
        if S_ISSOCK(status.st_mode) and status.st_ino == inode:
            return socket(AF_UNIX, SOCK_DGRAM, 0, descriptor)
    except (OSError, ValueError):
        pass
    return None


def ask(server, program, arguments):
    variables = (b"%s=%s" % variable for variable in os.environb.items())
    umask = os.umask(0)
    os.umask(umask)
    words = [b"%d" % umask, os.getcwdb(), program, b"%d" % len(arguments), *map(os.fsencode, arguments), *variables]
    request = b"\0".join(words)
    ours, theirs = socketpair(AF_UNIX)
    given = b"".join(descriptor.to_bytes(4, sys.byteorder) for descriptor in (0, 1, 2, theirs.fileno()))
    try:
        server.sendmsg([b"\0"], [(SOL_SOCKET, SCM_RIGHTS, given)])
        theirs.close()
        ours.sendall(b"%d\n%s" % (len(request), request))
    except OSError:
        return None
    return ours


def receive(connection, most):
    try:
        return connection.recv(most)
    except OSError:
        return b""


def become(program, arguments):
    try:
        os.execv(program, [program, *arguments])
    except OSError:
        # As a shell that finds no such program.
        os._exit(127)


def end_with(status):
    if status < 0:
        try:
            signal(-status, SIG_DFL)
        except OSError:
            pass
        os.kill(os.getpid(), -status)
    os._exit(status)


main()
