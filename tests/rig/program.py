"""What is measured, in a terminal of its own; and the scripted server beside it."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time

import psutil

from card import CannotMeasure
from tape import raise_priority

HERE = os.path.dirname(os.path.abspath(__file__))


class Server:
    """Runs server.py and reads its log while it is written."""

    def __init__(self, directory, name, **settings):
        self.log = os.path.join(directory, name + ".log")
        if os.path.exists(self.log):
            os.unlink(self.log)
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "server.py"), self.log, json.dumps(settings)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=raise_priority,
        )
        port = self.process.stdout.readline().strip()
        if not port:
            raise CannotMeasure("the scripted server did not come up")
        self.url = f"ws://127.0.0.1:{port}/v1/realtime"
        self.place = 0
        self.seen = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def do(self, what, **fields):
        self.process.stdin.write(json.dumps({"do": what, **fields}) + "\n")
        self.process.stdin.flush()

    def events(self, *kinds, since=0.0, until=float("inf")):
        self._read()
        return [e for e in self.seen if since <= e["t"] <= until and (not kinds or e["e"] in kinds)]

    def wait(self, kind, since, seconds=10.0):
        """The first event of a kind after a time, or None."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.events(kind, since=since)
            if found:
                return found[0]
            time.sleep(0.02)
        return None

    def _read(self):
        with open(self.log, encoding="utf-8") as file:
            file.seek(self.place)
            data = file.read()
        whole = data.rfind("\n") + 1
        self.place += len(data[:whole].encode())
        self.seen += [json.loads(line) for line in data[:whole].splitlines()]


class Program:
    """A command in tmux, 110 by 34, on the given card."""

    def __init__(self, card, command, env=None):
        self.socket = os.path.join(card.dir, f"tmux-{time.monotonic_ns()}")
        environment = {**card.env, "TERM": "xterm-256color", "LANG": "C.UTF-8", "OPENAI_API_KEY": "x", **(env or {})}
        home = os.path.join(card.dir, f"home-{time.monotonic_ns()}")
        os.mkdir(home)
        environment["REALTIME_CLI_HOME"] = self.home = home
        config = os.path.join(card.dir, "tmux.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write("set -g remain-on-exit on\nset -g status off\n")
        subprocess.run(
            ["tmux", "-S", self.socket, "-f", config, "new-session", "-d", "-x", "110", "-y", "34", *command],
            env=environment, cwd=card.dir, check=True,
        )
        self.pid, self.tmux = map(int, self._tmux("list-panes", "-F", "#{pane_pid} #{pid}").split())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.signal(signal.SIGCONT)
        self.keys("C-c")
        try:
            psutil.Process(self.pid).wait(3)
        except psutil.TimeoutExpired:
            for process in self.tree():
                process.kill()
        except psutil.Error:
            pass
        self._tmux("kill-server")

    def keys(self, *keys):
        self._tmux("send-keys", *keys)

    def signal(self, number):
        """Signals all of it, and tmux: that wakes what stops under it."""
        with contextlib.suppress(OSError, psutil.Error):
            os.kill(self.tmux, number)
            for process in self.tree():
                process.send_signal(number)

    def screen(self):
        return self._tmux("capture-pane", "-p")

    def underruns(self):
        """What the program's own counter says; it shows none while there are none."""
        found = re.search(r"(\d+) underruns?", self.screen())
        return int(found.group(1)) if found else 0

    def tree(self):
        try:
            process = psutil.Process(self.pid)
            return [process, *process.children(recursive=True)]
        except psutil.Error:
            return []

    def cpu(self):
        """Seconds of processor time of the process and all below it."""
        total = 0.0
        for process in self.tree():
            try:
                times = process.cpu_times()
                total += times.user + times.system
            except psutil.Error:
                pass
        return total

    def resident(self):
        """Megabytes."""
        total = 0
        for process in self.tree():
            try:
                total += process.memory_info().rss
            except psutil.Error:
                pass
        return total / 1e6

    def alive(self):
        try:
            return psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def _tmux(self, *arguments):
        done = subprocess.run(["tmux", "-S", self.socket, *arguments], capture_output=True, text=True, check=False)
        return done.stdout
