"""The program in a bare terminal: keys in, bytes out, and how long that takes."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import psutil

from card import CannotMeasure


class Keyboard:
    """A command in a pseudo-terminal of its own, 110 by 34."""

    def __init__(self, card, command, env):
        home = os.path.join(card.dir, f"home-{time.monotonic_ns()}")
        os.mkdir(home)
        environment = {**card.env, "TERM": "xterm-256color", "LANG": "C.UTF-8", "REALTIME_CLI_HOME": home, **env}
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 34, 110, 0, 0))
            os.execvpe(command[0], command, environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGTERM)
        self.read(2)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def read(self, seconds, until=b""):
        """What comes until `until` is in it, or nothing more does; and when its last piece came."""
        data, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.terminal], [], [], left)[0]:
                break
            try:
                piece = os.read(self.terminal, 1 << 16)
            except OSError:
                break
            data += piece
            if not piece or (until and until in data):
                break
        return data, time.monotonic()

    def press(self, key, seconds=1.0):
        """Seconds until a typed character is on screen."""
        while self.read(0.001)[0]:
            pass
        begin = time.monotonic()
        os.write(self.terminal, key)
        data, when = self.read(seconds, key)
        if key not in data:
            raise CannotMeasure(f"{key} is not on screen after {seconds} s")
        return when - begin

    def cpu(self):
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system

    def usage(self, seconds):
        """Percent of a core, its output read meanwhile."""
        begin, used = time.monotonic(), self.cpu()
        end, size = begin + seconds, 0
        while (left := end - time.monotonic()) > 0:
            size += len(self.read(left)[0])
        return (self.cpu() - used) / (time.monotonic() - begin) * 100, size
