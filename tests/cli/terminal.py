"""Runs a command at a terminal of its own: python3 terminal.py <command ...>.

Its screen goes to stdout. Each line on stdin is a key to press, ^C among them; `!TERM` sends that signal, `!STOP` suspends it
as a shell does, which makes the terminal its own, and `!close` closes the terminal. When the command has ended: `exit
<code>`, and whether the settings of the terminal are as before: `terminal same`, `terminal changed` or `terminal closed`.
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


def press(key):
    if key == b"!close":
        watched.remove(master)
        os.close(master)
    elif key.startswith(b"!"):
        os.kill(pid, getattr(signal, "SIG" + key[1:].decode()))
        if key == b"!STOP":
            termios.tcsetattr(slave, termios.TCSANOW, before)
    else:
        os.write(master, key.replace(b"^C", b"\x03"))


signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGKILL))
keys = sys.stdin.fileno()
watched = [master, keys]
ended = None
while ended is None:
    ready, _, _ = select.select(watched, [], [], 0.05)
    if master in ready:
        os.write(1, os.read(master, 65536))
    if keys in ready:
        lines = os.read(keys, 1024)
        if not lines:
            watched.remove(keys)
        for line in lines.splitlines():
            press(line)
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        ended = os.waitstatus_to_exitcode(status)
if master in watched:
    while select.select([master], [], [], 0)[0]:
        os.write(1, os.read(master, 65536))
    state = "same" if termios.tcgetattr(slave) == before else "changed"
else:
    state = "closed"
print(f"\nexit {ended}\nterminal {state}", flush=True)
