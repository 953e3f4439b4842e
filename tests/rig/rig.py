"""Measures a release binary on a virtual sound card against a scripted server. See README.md beside this file.

usage: rig.py [RUN] [--binary PATH] [--quick] [--echo MODE] [--out DIR]
"""

import argparse
import contextlib
import json
import os
import platform
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np

import voices
from card import RATE, CannotMeasure, Card
from keyboard import Keyboard
from program import HERE, Program, Server
from tape import Tape, gaps

ROOT = os.path.dirname(os.path.dirname(HERE))
NEEDED = ["pulseaudio", "pactl", "parec", "pacat", "tmux", "sox", "espeak-ng"]
TONE_HZ = 400


class Context:
    """What all runs share: what is measured, how long, and where the results go."""

    def __init__(self, options):
        self.binary = os.path.abspath(options.binary)
        self.quick = options.quick
        self.minutes = options.minutes or (1 if options.quick else 10)
        self.echo = options.echo
        self.gain_db = options.gain
        self.out = options.out
        self.rows = []
        self.raw = {}
        self.name = ""
        self.warnings = set()
        self.help = subprocess.run([self.binary, "--help"], capture_output=True, text=True, check=True).stdout
        shown = subprocess.run([self.binary, "config", "show"], capture_output=True, text=True, check=False).stdout
        self.settings = set(re.findall(r"^([a-z_.]+) = ", shown, re.MULTILINE))

    def knows_echo(self):
        return "--echo" in self.help or "audio.echo" in self.settings

    def program(self, card, server, echo=None):
        """Starts the program and waits until its microphone is heard at the server."""
        command, env = [self.binary, "--url", server.url], {}
        echo = echo or self.echo
        if echo and "--echo" in self.help:
            command += ["--echo", echo]
        elif echo and "audio.echo" in self.settings:
            env["REALTIME_CLI_AUDIO_ECHO"] = echo
        if "audio.cues" in self.settings:
            # A cue is sound at the speaker that no delta brought.
            env["REALTIME_CLI_AUDIO_CUES"] = "false"
        return self.started(Program(card, command, env), server)

    def bare(self, card, server, delay_ms=0):
        command = [sys.executable, os.path.join(HERE, "bare.py"), server.url, str(delay_ms)]
        return self.started(Program(card, command), server)

    def started(self, program, server):
        if server.wait("append", 0.0, 20) is None:
            screen = program.screen()
            program.__exit__()
            raise CannotMeasure(f"no sound of the microphone came to the server; the screen:\n{screen}")
        time.sleep(1.5)
        return program

    def keep(self, program, part=""):
        """Stores the screen, and what it complains about."""
        screen = program.screen()
        with open(os.path.join(self.out, f"{self.name}{part}.screen.txt"), "w", encoding="utf-8") as file:
            file.write(screen)
        for line in screen.splitlines():
            if re.search(r"[!⚠✗]|warning|error|failed|Pane is dead", line):
                self.warnings.add(line.split("│")[0].strip("▏▕ "))
        return screen

    def row(self, figure, bar, result, good):
        """`good`: True, False, or None where there is no bar."""
        mark = {True: "ok", False: "**missed**", None: ""}[good]
        self.rows.append((figure, bar, result, mark))
        print(f"  {figure}: {result}" + (f" (bar {bar}) {mark}" if bar else ""), flush=True)

    def spread(self, figure, values, bar=None, unit="ms"):
        """A row of median and 95th percentile. The median is held against the bar."""
        self.raw.setdefault(self.name, {})[figure] = [round(v, 2) for v in values]
        if not values:
            self.row(figure, f"≤ {bar} {unit}" if bar else "", "never", False if bar else None)
            return
        median, high = np.median(values), np.percentile(values, 95)
        text = f"{median:.1f} {unit} (p95 {high:.1f}, max {max(values):.1f}, n {len(values)})"
        self.row(figure, f"≤ {bar} {unit}" if bar else "", text, None if bar is None else bool(median <= bar))

    def number(self, figure, value, bar=None, unit="", text=None):
        self.raw.setdefault(self.name, {})[figure] = value
        shown = text or (f"{value:.1f} {unit}" if isinstance(value, float) else f"{value} {unit}").strip()
        bar_text = "" if bar is None else f"≤ {bar} {unit}".strip() if bar else "none"
        self.row(figure, bar_text, shown, None if bar is None else bool(value <= bar))


def pause(low, high):
    """Waits a random time, so that nothing falls into step with anyone's buffers."""
    time.sleep(random.uniform(low, high))


def silence_after(speaker, when, level=0.02, hole_ms=30):
    """When the sound that was there at `when` ended; None when there was none."""
    for start, end in speaker.runs(when - 3, when + 4, level, hole_ms):
        if start <= when <= end + hole_ms / 1000:
            return end
    return None


# --- The runs -----------------------------------------------------------------------------------------------------


def say_and_be_answered(card, server, word, times, wait_s):
    """Speaks `times` times and waits for each answer. Returns when each began to be fed."""
    fed = []
    for _ in range(times):
        pause(0.05, 0.25)
        begin = time.monotonic()
        fed.append(begin)
        player = card.play(word)
        if server.wait("first_delta", begin, 5):
            server.wait("response_end", begin, 10)
        player.wait()
        time.sleep(wait_s)
    return fed


def onsets(microphone, server, fed):
    """ms from each onset at the microphone to its arrival at the server."""
    found = []
    for begin in fed:
        onset = microphone.onset(begin, begin + 1.5)
        heard = onset and server.events("loud", since=onset - 0.015, until=onset + 3)
        if heard:
            found.append((heard[0]["t"] - onset) * 1000)
    return found


def starts(speaker, server, since, until):
    """ms from each first delta to its sound."""
    found = []
    for event in server.events("first_delta", since=since, until=until):
        onset = speaker.onset(event["t"] - 0.005, event["t"] + 2)
        if onset:
            found.append((onset - event["t"]) * 1000)
    return found


def latency(c):
    """Microphone to server, and delta to speaker."""
    times = 10 if c.quick else 25
    with Card() as card, Server(c.out, "latency", reply_s=0.7, tone_hz=TONE_HZ) as server:
        word, _ = voices.make(card.dir, "hello")
        with Tape(card, "micin.monitor") as mic, Tape(card, "spk.monitor") as spk, c.program(card, server) as program:
            first = say_and_be_answered(card, server, word, times, 0.9)
            change = time.monotonic()
            server.do("set", delta_ms=[20, 40], speed=1.0, jitter_ms=60, reply_s=1.0)
            second = say_and_be_answered(card, server, word, times, 0.4)
            c.keep(program)
            underruns = program.underruns()
        mic, spk = mic.stop(), spk.stop()
        c.spread("microphone to server", onsets(mic, server, first + second), 40)
        c.spread("first delta to speaker, burst", starts(spk, server, 0, change), 25)
        c.spread("first delta to speaker, paced with 60 ms of jitter", starts(spk, server, change, 1e12), 90)
        broken = 0
        for event in server.events("first_delta", since=change):
            begin = spk.onset(event["t"], event["t"] + 2)
            stretch = begin and spk.runs(begin, begin + 1.6, 0.02, 400)
            if stretch:
                broken += len(gaps(spk, stretch[0][0] + 0.02, stretch[0][1] - 0.03, TONE_HZ))
        c.number("gaps in the replies with jitter", broken, text=f"{broken} in {len(second)} s; its counter: {underruns}")


def heard(speaker, first_delta, next_delta):
    """ms of a reply that really sounded: its loud stretches, holes taken off."""
    return sum(end - start for start, end in speaker.runs(first_delta, next_delta, hole_ms=1)) * 1000


def truncation_errors(speaker, server):
    """ms that were said to be heard, less those that were."""
    firsts = server.events("first_delta")
    errors = []
    for cut in server.events("conversation.item.truncate"):
        for number, event in enumerate(firsts):
            if event["item"] == cut["item_id"]:
                after = firsts[number + 1]["t"] if number + 1 < len(firsts) else cut["t"] + 1
                errors.append(cut["audio_end_ms"] - heard(speaker, event["t"], min(after, cut["t"] + 1)))
    return errors


def interrupt(c):
    """Interruptions by the server's word alone, by a voice, and by a voice with a slow server."""
    times = 10 if c.quick else 25
    voice_times = 6 if c.quick else 15
    told, spoken, slow = [], [], []
    # Longer than any pause in what is said, so that one interruption is one.
    settings = {"reply_s": 10.0, "tone_hz": TONE_HZ, "silence_ms": 450}
    with Card() as card, Server(c.out, "interrupt", **settings) as server:
        word, _ = voices.make(card.dir, "stop")
        with Tape(card, "micin.monitor") as mic, Tape(card, "spk.monitor") as spk, c.program(card, server) as program:
            server.do("respond")
            for _ in range(times):
                pause(0.9, 1.3)
                server.do("interrupt")
                time.sleep(0.35)
            for fed, delay in ((spoken, 0), (slow, 600)):
                server.do("set", delay_ms=delay)
                for _ in range(voice_times):
                    pause(1.2, 1.6)
                    begin = time.monotonic()
                    fed.append(begin)
                    card.play(word).wait()
                    if server.wait("first_delta", begin + 0.5, 4) is None:
                        server.do("respond")
            time.sleep(0.5)
            c.keep(program)
        mic, spk = mic.stop(), spk.stop()
        for event in server.events("speech_started"):
            silence = silence_after(spk, event["t"])
            if silence and event["why"] == "told":
                told.append((silence - event["t"]) * 1000)
        c.spread("server's speech_started to silence", told, 20)
        for figure, fed, bar in (("onset of a voice to silence", spoken, 60),
                                 ("onset of a voice to silence, server 600 ms late", slow, 60)):
            values = []
            for begin in fed:
                onset = mic.onset(begin, begin + 1.5)
                silence = onset and silence_after(spk, onset)
                if silence:
                    values.append((silence - onset) * 1000)
            c.spread(figure, values, bar)
        errors = truncation_errors(spk, server)
        c.raw[c.name]["audio_end_ms less heard"] = [round(e, 2) for e in errors]
        c.spread("heard as told against really heard", [abs(e) for e in errors], 5)
        deleted = len(server.events("conversation.item.delete"))
        c.number("truncated and deleted items", len(errors), text=f"{len(errors)} and {deleted}")


def busy(program, seconds):
    """% of one core over some seconds, and the highest resident memory in MB."""
    begin, used, highest = time.monotonic(), program.cpu(), 0.0
    while time.monotonic() - begin < seconds:
        time.sleep(0.5)
        highest = max(highest, program.resident())
    return (program.cpu() - used) / (time.monotonic() - begin) * 100, highest


def load(c):
    """Processor and memory while listening and while speaking."""
    seconds = 8 if c.quick else 40
    for echo in ("aec", "off") if c.knows_echo() else (None,):
        settings = {"reply_s": seconds + 6.0, "tone_hz": TONE_HZ, "lead_s": 3.0}
        with Card() as card, Server(c.out, "load", **settings) as server:
            with c.program(card, server, echo) as program:
                name = f"echo {echo}" if echo else "no echo setting"
                time.sleep(1.5)
                idle, memory = busy(program, seconds)
                server.do("respond")
                time.sleep(2)
                speaking, more = busy(program, seconds)
                c.keep(program, f"-{echo or 'default'}")
                bar = 4 if echo != "off" else None
                c.number(f"processor, listening, {name}", round(idle, 2), bar, "%")
                c.number(f"processor, speaking, {name}", round(speaking, 2), bar, "%")
                c.number(f"resident memory, {name}", round(max(memory, more), 1), 25, "MB")


def underruns(c):
    """A steady tone for minutes; every break at the speaker counts."""
    seconds = c.minutes * 60
    settings = {"reply_s": seconds + 1.0, "tone_hz": TONE_HZ, "lead_s": 3.0}
    with Card() as card, Server(c.out, "underruns", **settings) as server:
        # The same tone by a plain player with a buffer of 40 ms: what the machine does to anyone.
        control, _ = voices.tone(card.dir, seconds + 1, TONE_HZ)
        with Tape(card, "spk.monitor") as spk, c.program(card, server) as program:
            server.do("respond")
            first = server.wait("first_delta", 0.0)
            player = subprocess.Popen(
                ["paplay", "--device=plain", "--latency-msec=40", control], env=card.env, stderr=subprocess.DEVNULL
            )
            with Tape(card, "plain.monitor") as plain:
                time.sleep(seconds + 1)
                plain = plain.stop()
            player.kill()
            player.wait()
            c.keep(program)
            counted = program.underruns()
        spk = spk.stop()
        begin = spk.onset(first["t"], first["t"] + 5) if first else None
        if begin is None:
            raise CannotMeasure("the reply was not heard")
        found = gaps(spk, begin + 0.1, begin + seconds - 0.1, TONE_HZ)
        control_begin = plain.onset(first["t"], first["t"] + 5)
        if control_begin is None:
            raise CannotMeasure("the plain player was not heard")
        others = gaps(plain, control_begin + 0.3, control_begin + seconds - 1, TONE_HZ)
        raw = c.raw.setdefault(c.name, {})
        raw["breaks (s, ms)"] = [(round(t - begin, 3), ms) for t, ms in found]
        raw["breaks of the plain player (s, ms)"] = [(round(t - begin, 3), ms) for t, ms in others]
        own = [one for one in found if not any(overlap(one, other) for other in others)]
        raw["its own (s, ms)"] = [(round(t - begin, 3), ms) for t, ms in own]
        text = f"{len(own)} ({sum(ms for _, ms in own)} ms) of {len(found)} ({sum(ms for _, ms in found)} ms)"
        text += f"; a plain player {len(others)} ({sum(ms for _, ms in others)} ms); its counter: {counted}"
        c.number(f"breaks of its own in {c.minutes:g} min of sound", len(own), 0, text=text)


def overlap(one, other, margin=0.1):
    """Do two breaks, as (when, ms), fall together?"""
    apart = max(one[0] - (other[0] + other[1] / 1000), other[0] - (one[0] + one[1] / 1000))
    return apart < margin


def decibels(value):
    return 20 * np.log10(max(value, 1e-6))


def echo(c):
    """The speaker leads into the microphone after 60 ms; then real speech on top."""
    times = 5 if c.quick else 8
    seconds = c.minutes * 60
    mode = "aec" if c.knows_echo() and not c.echo else None
    with Card() as card:
        dump = os.path.join(c.out, "echo-received.raw")
        reply, _ = voices.make(card.dir, "long", 24000, 30, rms=0.1)
        voice, pattern = voices.make(card.dir, "stop", rms=0.1)
        settings = {"reply_wav": reply, "lead_s": 3.0, "speed": 4.0, "silence_ms": 300, "dump": dump}
        with Server(c.out, "echo", **settings) as server, Tape(card, "micin.monitor") as mic, \
                Tape(card, "spk.monitor") as spk, c.program(card, server, mode) as program:
            card.echo(60, c.gain_db)
            time.sleep(0.5)
            begin = time.monotonic()
            server.do("respond")
            while time.monotonic() < begin + seconds:
                ended = server.events("response_end", since=begin)
                started = server.events("first_delta", since=begin)
                if len(ended) >= len(started) and not still_loud(spk) and not speaking_soon(server):
                    server.do("respond")
                time.sleep(0.25)
            alone = time.monotonic()
            c.keep(program, "-alone")
            fed = []
            for _ in range(times):
                since = time.monotonic()
                if not still_loud(spk):
                    server.do("respond")
                    server.wait("first_delta", since, 5)
                pause(3.0, 4.0)
                fed.append(time.monotonic())
                card.play(voice).wait()
                if server.wait("first_delta", fed[-1] + 0.3, 3) is None:
                    server.do("respond")
            time.sleep(1)
            c.keep(program, "-spoken-to")
        mic, spk = mic.stop(), spk.stop()
        false = [e for e in server.events("speech_started", since=begin, until=alone)]
        c.raw.setdefault(c.name, {})["self-interruptions at (s)"] = [round(e["t"] - begin, 2) for e in false]
        c.number(f"self-interruptions in {c.minutes:g} min", len(false), 0)
        values = []
        for when in fed:
            onset = mic.find(pattern, when, when + 2 + len(pattern) / RATE)
            silence = onset and end_of_speech(spk, onset)
            # Before the onset: it had interrupted itself already.
            if silence and silence > onset:
                values.append((silence - onset) * 1000)
        c.spread("real speech over the echo to silence", values, 300)
        within = sum(v <= 300 for v in values)
        c.row("real speech that interrupts within 300 ms", "all", f"{within} of {times}", within == times)
        residual(c, server, dump, mic, spk, begin, alone)


def still_loud(tape):
    """Is the speaker, on a recording that goes on, loud just now?"""
    parts = tape.parts[-200:]
    x = np.frombuffer(b"".join(parts)[-int(RATE * 0.6) // 2 * 4 :], dtype="<i2")
    return bool(len(x) and np.abs(x.astype(np.int32)).max() > 0.01 * 32768)


def speaking_soon(server):
    """A turn is open: its answer will come by itself."""
    last = server.events("speech_started", "speech_stopped")
    return bool(last) and (last[-1]["e"] == "speech_started" or time.monotonic() - last[-1]["t"] < 1)


def end_of_speech(speaker, when):
    """As `silence_after`, but a pause between words (up to 350 ms) is no silence."""
    return silence_after(speaker, when, level=0.003, hole_ms=350)


def residual(c, server, dump, mic, spk, begin, end):
    """How loud the echo was at the microphone, and how loud what came of it at the server."""
    appends = server.events("append")
    if not appends:
        return
    with open(dump, "rb") as file:
        received = np.frombuffer(file.read(), dtype="<i2")
    before, after = [], []
    position = 0
    for event in appends:
        part = received[position : event["bytes"] // 2].astype(np.float32) / 32768
        position = event["bytes"] // 2
        if not begin + 3 < event["t"] < end or len(part) == 0:
            continue
        # The last 0.1 s, as the ways differ in length; blocks are pooled, so that does not matter.
        level = mic.rms(event["t"] - 0.1, event["t"])
        if level > 0.01:
            before.append(level)
            after.append(float(np.sqrt(np.mean(part * part))))
    if not before:
        return
    echo_db, left_db = (decibels(np.sqrt(np.mean(np.square(x)))) for x in (before, after))
    c.number("echo at the microphone", round(float(echo_db), 1), unit="dBFS")
    c.number("what of it reached the server", round(float(left_db), 1), unit="dBFS",
             text=f"{left_db:.1f} dBFS (ERLE {echo_db - left_db:.1f} dB, loudest 20 ms {decibels(max(after)):.1f} dBFS)")


def recovery(c):
    """The sound server dies under the program and comes again; then the program stands still and goes on."""
    settings = {"reply_s": 60.0, "tone_hz": TONE_HZ, "lead_s": 2.0, "silence_ms": 60000}
    backs, usages = [], []
    with Card() as card, Server(c.out, "recovery", **settings) as server, c.program(card, server) as program:
        for _ in range(2 if c.quick else 4):
            server.do("respond")
            time.sleep(2)
            card.kill()
            used, gone = program.cpu(), time.monotonic()
            time.sleep(2)
            usages.append((program.cpu() - used) / (time.monotonic() - gone) * 100)
            card.start()
            back = time.monotonic()
            with Tape(card, "spk.monitor") as tape:
                onset = None
                while onset is None and time.monotonic() < back + 20:
                    time.sleep(0.1)
                    onset = tape.so_far().onset(back, 1e12)
            if onset is None:
                break
            backs.append(onset - back)
            time.sleep(1)
        c.keep(program)
        c.spread("sound server back to sound", backs, 3, "s")
        c.spread("processor while it is away", usages, None, "%")
        if not program.alive():
            c.row("the program after that", "alive", "dead", False)
            return
    stand_still(c, "the program")
    stand_still(c, "the sound server")


def stand_still(c, which):
    """Stops a process for 4 s while a sweep is fed: its pitch at the server tells how old the sound is."""
    settings = {"silence_ms": 60000, "threshold": 2.0, "dump": os.path.join(c.out, "stopped-received.raw")}
    with Card() as card, Server(c.out, "stopped", **settings) as server:
        path, _ = voices.sweep(card.dir, 14)
        with Tape(card, "micin.monitor") as mic, c.program(card, server) as program:
            begin = time.monotonic()
            player = card.play(path)
            time.sleep(4)
            signal_to(card, program, which, signal.SIGSTOP)
            time.sleep(4)
            signal_to(card, program, which, signal.SIGCONT)
            resumed = time.monotonic()
            time.sleep(4)
            player.kill()
            player.wait()
            c.keep(program, "-stopped-" + which.split()[-1])
        mic = mic.stop()
        onset = mic.onset(begin, begin + 3, 0.1)
        appends = server.events("append")
        before = [e for e in appends if e["t"] < resumed - 4]
        late = [e for e in appends if resumed <= e["t"]]
        if onset is None or not before or not late:
            raise CannotMeasure("nothing was received after the stop")
        # More than real time allows is what had been waiting.
        excess = max((e["bytes"] - before[-1]["bytes"]) / 48 - (e["t"] - resumed) * 1000 for e in late)
        c.number(f"waiting sound sent after {which} stood still", max(round(excess), 0), 500, "ms")
        sounding = [e["t"] - resumed for e in late if e["level"] > 0.01]
        if sounding:
            c.number(f"sound at the server again after {which} went on", round(sounding[0], 2), 3, "s")
        else:
            c.row(f"sound at the server again after {which} went on", "≤ 3 s", "never in 4 s", False)
        if which == "the program":
            ages = sweep_ages(settings["dump"], appends, onset)
            c.raw[c.name]["age of sound (s, ms)"] = [(round(t - begin, 2), round(a)) for t, a in ages]
            after = [a for t, a in ages if t >= resumed]
            steady = [a for t, a in ages if t > resumed + 2]
            if after:
                c.number("oldest sound sent after the program stood still", round(max(after)), 500, "ms")
                c.number("age of sound two seconds later", round(float(np.median(steady)), 1), unit="ms")


def signal_to(card, program, which, number):
    if which == "the program":
        program.signal(number)
    else:
        card.process.send_signal(number)


def sweep_ages(dump, appends, onset, first_hz=300.0, hz_per_s=250.0):
    """(when, age in ms) of each received block, from the pitch of the sweep in it."""
    with open(dump, "rb") as file:
        x = np.frombuffer(file.read(), dtype="<i2").astype(np.float32) / 32768
    found, position = [], 0
    for event in appends:
        part = x[position : event["bytes"] // 2]
        position = event["bytes"] // 2
        if len(part) < 200 or np.sqrt(np.mean(part * part)) < 0.01:
            continue
        size = 1 << 15
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), size))
        hz = int(np.argmax(spectrum)) * 24000 / size
        fed = onset + (hz - first_hz) / hz_per_s - len(part) / 48000
        age = (event["t"] - fed) * 1000
        found.append((event["t"], age))
    return found


def screen(c):
    """The screen alone: what it costs while nothing happens, and how soon a key is seen."""
    seconds = 5 if c.quick else 20
    env = {"OPENAI_API_KEY": "", "REALTIME_CLI_AUDIO_CUES": "false"}
    with Card() as card:
        begin = time.monotonic()
        with Keyboard(card, [c.binary, "--offline", "--no-audio"], env) as keyboard:
            first, when = keyboard.read(5, b"Enter")
            c.number("first frame", round((when - begin) * 1000) if first else None, 100, "ms")
            keyboard.read(3)
            usage, size = keyboard.usage(seconds)
            c.number("processor, screen without sound, nothing happens", round(usage, 2), 1, "%")
            c.number(f"bytes drawn meanwhile in {seconds} s", size)
    settings = {"reply_s": 60.0, "tone_hz": TONE_HZ, "lead_s": 3.0, "silence_ms": 60000}
    with Card() as card, Server(c.out, "screen", **settings) as server:
        command = [c.binary, "--url", server.url]
        with Keyboard(card, command, {"OPENAI_API_KEY": "x"}) as keyboard:
            keyboard.read(3)
            server.do("respond")
            keyboard.read(1.5)
            times = []
            for number in range(20 if c.quick else 60):
                pause(0.05, 0.2)
                times.append(keyboard.press(b"qxzjv"[number % 5 : number % 5 + 1]) * 1000)
            c.spread("key to screen while the assistant speaks", times, 50)


# --- The rig's own error ------------------------------------------------------------------------------------------


def check(c):
    """What the rig adds by itself, and whether its figures follow their causes."""
    differences, lateness = [], []
    with Card() as card:
        word, pattern = voices.make(card.dir, "hello")
        tapes = [Tape(card, "micin.monitor") for _ in range(2)]
        time.sleep(1)
        for _ in range(5):
            begin = time.monotonic()
            card.play(word).wait()
            both = [tape.so_far().find(pattern, begin, begin + 2) for tape in tapes]
            if all(both):
                differences.append(abs(both[0] - both[1]) * 1000)
        for tape in tapes:
            tape.stop()
            lateness += [x * 1000 for x in tape.lateness]
    c.spread("two recordings of one sound differ by", differences)
    c.spread("packets of a recording come late by", lateness)
    c.raw[c.name]["packets of a recording come late by"] = []
    loop = []
    with Card() as card, Tape(card, "micin.monitor") as mic, Tape(card, "spk.monitor") as spk:
        word, pattern = voices.make(card.dir, "hello")
        card.echo(60, -12)
        time.sleep(1)
        for _ in range(5):
            begin = time.monotonic()
            card.play(word, "spk").wait()
            time.sleep(0.3)
            out = spk.so_far().find(pattern, begin, begin + 2)
            back = mic.so_far().find(pattern * 10 ** (-12 / 20), begin, begin + 2)
            if out and back:
                loop.append((back - out) * 1000)
    c.spread("a loopback of 60 ms is seen as", loop)
    medians = {}
    for delay in (0, 50):
        with Card() as card, Server(c.out, "check", reply_s=0.7, tone_hz=TONE_HZ) as server:
            word, _ = voices.make(card.dir, "hello")
            with Tape(card, "micin.monitor") as mic, Tape(card, "spk.monitor") as spk:
                with c.bare(card, server, delay):
                    fed = say_and_be_answered(card, server, word, 8, 0.8)
                    server.do("set", reply_s=10.0)
                    server.do("respond")
                    for _ in range(5):
                        pause(1.0, 1.3)
                        server.do("interrupt")
                        time.sleep(0.35)
                mic, spk = mic.stop(), spk.stop()
            heard_at = onsets(mic, server, fed)
            sounded = starts(spk, server, 0, fed[-1] + 2)
            stopped = []
            for event in server.events("speech_started"):
                silence = silence_after(spk, event["t"]) if event["why"] == "told" else None
                if silence:
                    stopped.append((silence - event["t"]) * 1000)
            label = f"shortest client, {delay} ms added: "
            c.spread(label + "microphone to server", heard_at)
            c.spread(label + "first delta to speaker", sounded)
            c.spread(label + "speech_started to silence", stopped)
            medians[delay] = [float(np.median(v)) if v else None for v in (heard_at, sounded)]
    for name, without, added in zip(("microphone", "speaker"), medians[0], medians[50]):
        if without is not None and added is not None:
            c.number(f"50 ms added at the {name} are seen as", round(added - without, 1), unit="ms")


RUNS = {
    "check": check,
    "latency": latency,
    "interrupt": interrupt,
    "load": load,
    "underruns": underruns,
    "echo": echo,
    "recovery": recovery,
    "screen": screen,
}


# --- Report -------------------------------------------------------------------------------------------------------


def machine():
    model = ""
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"model name\s*:\s*(.*)", file.read())
        model = found.group(1) if found else ""
    return f"{os.cpu_count()} cores, {model or platform.processor()}, {platform.system()} {platform.release()}"


def table(rows):
    lines = ["| figure | bar | result | |", "|---|---|---|---|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def report(c, loads):
    version = subprocess.run([c.binary, "--version"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
    when = time.strftime("%Y-%m-%d")
    averages = ", ".join(f"{name} {value:.1f}" for name, value in loads.items())
    text = f"{version}, {when}, {machine()}.\nLoad average at the end of each run: {averages}.\n\n{table(c.rows)}\n"
    if c.warnings:
        text += "\nOn the screen:\n" + "".join(f"- {line}\n" for line in sorted(c.warnings))
    with open(os.path.join(c.out, "table.md"), "w", encoding="utf-8") as file:
        file.write(text)
    with open(os.path.join(c.out, "figures.json"), "w", encoding="utf-8") as file:
        whole = {"version": version, "date": when, "machine": machine(), "load": loads, "quick": c.quick,
                 "rows": c.rows, "raw": c.raw, "screen": sorted(c.warnings)}
        json.dump(whole, file, indent=1, ensure_ascii=False, default=float)
    print("\n" + text)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", default="all", choices=["all", *RUNS])
    parser.add_argument("--binary", default=os.path.join(ROOT, "target", "release", "realtime-cli"))
    parser.add_argument("--quick", action="store_true", help="fewer times, one minute instead of ten")
    parser.add_argument("--minutes", type=float, help="length of the long runs")
    parser.add_argument("--echo", help="what is asked of the program in all runs; else its own choice")
    parser.add_argument("--gain", type=float, default=-12.0, help="dB from speaker to microphone in the echo run")
    parser.add_argument("--out", default=os.path.join(ROOT, "target", "rig"))
    return parser.parse_args()


def main():
    options = arguments()
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}; `make rig` installs them")
    if not os.access(options.binary, os.X_OK):
        sys.exit(f"no program at {options.binary}; name one with --binary, or use `make rig`")
    os.makedirs(options.out, exist_ok=True)
    # So that the card and the program are cleaned up on every way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    c, loads, failed = Context(options), {}, []
    for name in RUNS if options.run == "all" else [options.run]:
        print(f"{name}: {RUNS[name].__doc__}", flush=True)
        c.name = name
        try:
            RUNS[name](c)
        except CannotMeasure as error:
            failed.append(name)
            c.row(name, "", f"not measured: {str(error).splitlines()[0]}", None)
            print(error, file=sys.stderr)
        loads[name] = os.getloadavg()[0]
    report(c, loads)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
