"""The sounds that are fed: made with espeak-ng at run time."""

import os
import subprocess
import wave

import numpy as np

from card import RATE

LONG = (
    "The weather for the coming week will be mostly dry and rather warm with some clouds in the afternoon and a gentle "
    "wind from the west while on the coast the nights stay mild and in the mountains there may be a little rain toward "
    "the evening before it clears up again on the following morning when the sun rises over the hills and the valleys"
)
SPOKEN = {
    # name: (voice, words a minute, pitch, text)
    "hello": ("en-us", 170, 50, "hello"),
    "stop": ("en-gb+f3", 165, 60, "wait a moment please I have got another question for you"),
    "long": ("en-us+m3", 175, 40, LONG),
}


def make(directory, name, rate=RATE, seconds=None, rms=None):
    """A WAV file that begins loud at once, so that its onset is one moment. Returns path and samples."""
    path = os.path.join(directory, f"{name}-{rate}-{seconds}.wav")
    voice, speed, pitch, text = SPOKEN[name]
    raw = path + ".raw.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", raw, text], check=True)
    subprocess.run(["sox", "-G", raw, "-r", str(rate), "-c", "1", "-b", "16", path], check=True)
    os.unlink(raw)
    with wave.open(path) as file:
        x = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32) / 32768
    frame = rate // 100
    levels = np.sqrt(np.mean(x[: len(x) // frame * frame].reshape(-1, frame) ** 2, axis=1))
    loud = np.flatnonzero(levels > 0.4 * levels.max())
    audible = np.flatnonzero(levels > 0.02 * levels.max())
    x = x[loud[0] * frame : (audible[-1] + 1) * frame].copy()
    ramp = rate // 1000
    x[:ramp] *= np.linspace(0, 1, ramp)
    if seconds:
        x = np.tile(x, int(np.ceil(seconds * rate / len(x))))[: int(seconds * rate)]
    x *= rms / np.sqrt(np.mean(x * x)) if rms else 0.5 / np.abs(x).max()
    return write(path, x, rate)


def sweep(directory, seconds, first_hz=300.0, hz_per_s=250.0, level=0.3):
    """A tone whose pitch tells how long it has been sounding."""
    t = np.arange(int(seconds * RATE)) / RATE
    x = level * np.sin(2 * np.pi * (first_hz * t + hz_per_s * t * t / 2))
    return write(os.path.join(directory, f"sweep-{seconds}.wav"), x, RATE)


def tone(directory, seconds, hz, level=0.3):
    x = level * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)
    return write(os.path.join(directory, f"tone-{hz}-{seconds}.wav"), x, RATE)


def write(path, x, rate):
    x = np.clip(x, -1, 1)
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(x * 32767).astype("<i2").tobytes())
    return path, x.astype(np.float32)
