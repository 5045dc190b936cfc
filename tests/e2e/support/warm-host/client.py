"""Has `server.py` make a call of the host, and ends as it does. Takes the path of its socket and the call's arguments."""

import os
import signal
import socket
import sys

path, *arguments = sys.argv[1:]
environment = (b"%s=%s" % variable for variable in os.environb.items())
request = os.memfd_create("request")
with open(request, "wb", closefd=False) as file:
    file.write(b"\0".join([os.getcwdb(), b"%d" % len(arguments), *map(os.fsencode, arguments), *environment]))

host = socket.socket(socket.AF_UNIX)
host.connect(path)
socket.send_fds(host, [b"\0"], [request, 0, 1, 2])
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: host.send(bytes([number])))
status = int(host.recv(16) or -signal.SIGKILL)
if status < 0:
    if status != -signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
os._exit(status)
