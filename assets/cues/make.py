#!/usr/bin/env python3
"""Makes the cues beside it: `python3 assets/cues/make.py`. The same bytes every time, standard library only.

24 kHz, mono, 16 bit. Each note is a sine with a little of its octave under a raised cosine, so that it neither
clicks nor has an attack; the loudest sample is at -18 dBFS.
"""
import array
import math
import pathlib
import wave

RATE = 24_000
PEAK = 10 ** (-18 / 20)

# (frequency in Hz, begin and length in ms) of each note.
CUES = {
    "listening": [(587.33, 0, 80), (880.00, 55, 95)],  # D5, A5: up
    "done": [(880.00, 0, 80), (587.33, 55, 95)],  # A5, D5: down
    "error": [(207.65, 0, 70), (207.65, 85, 75)],  # G sharp 3, twice
}


def note(hz, length):
    count = RATE * length // 1000
    for i in range(count):
        envelope = 0.5 - 0.5 * math.cos(2 * math.pi * (i + 0.5) / count)
        phase = 2 * math.pi * hz * i / RATE
        yield envelope * (math.sin(phase) + 0.2 * math.sin(2 * phase))


def cue(notes):
    end = max(begin + length for _, begin, length in notes)
    mix = [0.0] * (RATE * end // 1000)
    for hz, begin, length in notes:
        for i, sample in enumerate(note(hz, length)):
            mix[RATE * begin // 1000 + i] += sample
    peak = max(abs(sample) for sample in mix)
    return array.array("h", (round(sample / peak * PEAK * 32767) for sample in mix))


def main():
    for name, notes in CUES.items():
        samples = cue(notes)
        if samples.itemsize != 2:
            raise SystemExit("samples have to be of 16 bit")
        path = pathlib.Path(__file__).with_name(f"{name}.wav")
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(samples.tobytes())


if __name__ == "__main__":
    main()
