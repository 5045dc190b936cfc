"""Runs a command at a terminal of its own: python3 terminal.py <command ...>.

Its screen goes to stdout. Each line on stdin is a key to press. When the command has ended: `exit <code>`, and whether the
settings of the terminal are as before: `terminal same` or `terminal changed`.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios

master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    os.close(master)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    # The first terminal that is opened becomes the one that signals come from.
    os.close(os.open(os.ttyname(slave), os.O_RDWR))
    os.execvp(sys.argv[1], sys.argv[1:])
signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGKILL))
keys = sys.stdin.fileno()
watched = [master, keys]
ended = None
while ended is None:
    ready, _, _ = select.select(watched, [], [], 0.05)
    if master in ready:
        os.write(1, os.read(master, 65536))
    if keys in ready:
        line = os.read(keys, 1024)
        if line:
            os.write(master, line.replace(b"\n", b"").replace(b"^C", b"\x03"))
        else:
            watched.remove(keys)
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        ended = os.waitstatus_to_exitcode(status)
while select.select([master], [], [], 0)[0]:
    os.write(1, os.read(master, 65536))
after = termios.tcgetattr(slave)
print(f"\nexit {ended}\nterminal {'same' if after == before else 'changed'}", flush=True)
