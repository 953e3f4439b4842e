"""Recordings whose every sample has a time on the machine's monotonic clock.

The time of a sample comes from the packet that arrived earliest for its place in the stream: what holds a packet
up (a busy machine, this process) can only make it late, so the earliest is the true line.
"""

import fcntl
import os
import subprocess
import threading
import time

import numpy as np

from card import RATE

LOUD = 0.02


class Tape:
    """Records a source from `start` to `stop`."""

    def __init__(self, card, source):
        command = ["parec", "--device=" + source, f"--rate={RATE}", "--channels=1", "--format=s16le"]
        command += ["--latency-msec=5", "--raw"]
        self.process = subprocess.Popen(
            command, env=card.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=raise_priority
        )
        fcntl.fcntl(self.process.stdout.fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)
        self.parts = []
        self.samples = 0
        self.begin = None
        self.lateness = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def wait(self, seconds=5):
        """Until the first packet is there."""
        until = time.monotonic() + seconds
        while self.begin is None and time.monotonic() < until:
            time.sleep(0.01)
        return self.begin is not None

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        return self.so_far()

    def so_far(self):
        data = b"".join(self.parts[:])
        return Recording(self.begin or 0.0, np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2"))

    def _read(self):
        descriptor = self.process.stdout.fileno()
        total = 0
        while True:
            part = os.read(descriptor, 65536)
            now = time.monotonic()
            if not part:
                return
            total += len(part)
            begin = now - total / 2 / RATE
            self.begin = begin if self.begin is None else min(self.begin, begin)
            self.lateness.append(begin - self.begin)
            self.parts.append(part)


class Recording:
    def __init__(self, begin, samples):
        self.begin = begin
        self.samples = samples

    @property
    def end(self):
        return self.begin + len(self.samples) / RATE

    def index(self, when):
        return min(max(round((when - self.begin) * RATE), 0), len(self.samples))

    def cut(self, start, end):
        """What sounded between two times, as floats."""
        return self.samples[self.index(start) : self.index(end)].astype(np.float32) / 32768

    def runs(self, start, end, level=LOUD, hole_ms=8.0):
        """The stretches that are loud, as (from, to); holes shorter than `hole_ms` do not end one."""
        first = self.index(start)
        loud = np.flatnonzero(np.abs(self.samples[first : self.index(end)].astype(np.int32)) > level * 32768)
        if len(loud) == 0:
            return []
        breaks = np.flatnonzero(np.diff(loud) > hole_ms * RATE / 1000)
        starts = np.concatenate(([loud[0]], loud[breaks + 1]))
        ends = np.concatenate((loud[breaks], [loud[-1]]))
        at = self.begin + first / RATE
        return [(at + s / RATE, at + (e + 1) / RATE) for s, e in zip(starts, ends)]

    def onset(self, start, end, level=LOUD):
        first = self.index(start)
        part = np.abs(self.samples[first : self.index(end)].astype(np.int32)) > level * 32768
        if not part.any():
            return None
        return self.begin + (first + int(np.argmax(part))) / RATE

    def find(self, pattern, start, end):
        """When a known sound began, also under another one; None where it is not there."""
        x = self.cut(start, end)
        if len(x) < len(pattern):
            return None
        size = 1 << int(np.ceil(np.log2(len(x) + len(pattern))))
        product = np.fft.irfft(np.fft.rfft(x, size) * np.conj(np.fft.rfft(pattern, size)), size)
        product = product[: len(x) - len(pattern) + 1]
        best = int(np.argmax(product))
        if product[best] < 0.5 * float(np.dot(pattern, pattern)):
            return None
        return self.begin + (self.index(start) + best) / RATE

    def rms(self, start, end):
        x = self.cut(start, end)
        return float(np.sqrt(np.mean(x * x))) if len(x) else 0.0


def gaps(recording, start, end, frequency, block_ms=5):
    """Where a steady tone breaks: its blocks that are silent or whose phase jumps, neighbours taken as one.

    A block must hold a whole number of periods. Gives (when, length in ms) pairs.
    """
    n = RATE * block_ms // 1000
    x = recording.cut(start, end)
    x = x[: len(x) // n * n].reshape(-1, n)
    if len(x) < 4:
        return []
    wave = np.exp(-2j * np.pi * frequency * np.arange(n) / RATE).astype(np.complex64)
    tone = x @ wave * (2 / n)
    level = np.median(np.abs(tone))
    quiet = np.abs(np.abs(tone) - level) > 0.1 * level
    jump = np.zeros(len(tone), dtype=bool)
    # One lost sample at 400 Hz and 48 kHz is 0.052 rad.
    jump[1:] = np.abs(np.angle(tone[1:] * np.conj(tone[:-1]))) > 0.04
    bad = np.flatnonzero(quiet | jump)
    if len(bad) == 0:
        return []
    breaks = np.flatnonzero(np.diff(bad) > 4)
    starts = np.concatenate(([bad[0]], bad[breaks + 1]))
    ends = np.concatenate((bad[breaks], [bad[-1]]))
    return [(start + int(s) * block_ms / 1000, int(e - s + 1) * block_ms) for s, e in zip(starts, ends)]


def raise_priority():
    """The instruments go before the program, where the system allows it."""
    try:
        os.nice(-10)
    except OSError:
        pass
