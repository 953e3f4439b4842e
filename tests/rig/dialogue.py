"""Two minutes of spoken conversation with the offline engine, on the virtual sound card.

Ten commands, corrections and an interruption, in a voice of flite. What was said, heard and answered, how long each
answer took to begin, and the tasks that came of it go to OUT/dialogue.md.

usage: dialogue.py [--binary PATH] [--voice NAME] [--out DIR]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

from card import RATE, CannotMeasure, Card
from program import HERE, Program
from tape import Tape

ROOT = os.path.dirname(os.path.dirname(HERE))
# What is said; `over` is said while the answer before it is still being spoken.
SCRIPT = [
    ("say", "create a task to buy groceries"),
    ("say", "remind me to call mom tomorrow at five"),
    ("say", "add a task to finish the report by friday"),
    ("say", "no thursday"),
    ("say", "make the report task high priority"),
    ("say", "add a task to clean the kitchen"),
    ("say", "list all my tasks"),
    ("over", "mark the grocery task as complete"),
    ("say", "change the kitchen task to clean the bathroom"),
    ("say", "delete the task about calling mom"),
    ("say", "undo that"),
    ("say", "what do i need to do this week"),
    ("say", "add a task to water the plants"),
    ("say", "no call it feed the cat"),
    ("say", "list all my tasks"),
    ("say", "thank you"),
]
# What was not heard well is asked back.
ASKED, ANSWER = "Say yes or no", "yes"
SPEAKING, LISTENING = "speaking", "listening"


def clip(card, voice, text):
    """A WAV file of the card's rate, and its length in seconds without silence at its ends."""
    path = os.path.join(card.dir, text.replace(" ", "-")[:60] + ".wav")
    raw = path + ".raw.wav"
    subprocess.run(["flite", "-voice", voice, "-t", text, "-o", raw], check=True)
    trim = ["silence", "1", "0.01", "0.1%", "reverse", "silence", "1", "0.01", "0.1%", "reverse"]
    subprocess.run(["sox", "-G", raw, "-r", str(RATE), "-c", "1", "-b", "16", path, "gain", "-n", "-6", *trim], check=True)
    return path


def wait(program, words, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        screen = program.screen()
        if any(word in screen for word in words):
            return True
        time.sleep(0.05)
    return False


def settled(program, seconds=25):
    """Until the answer is through, also a second one after a function call."""
    until = time.monotonic() + seconds
    quiet = 0
    while time.monotonic() < until and quiet < 4:
        quiet = quiet + 1 if f"◉ {LISTENING}" in program.screen() else 0
        time.sleep(0.15)


def asked_back(program):
    """The last thing on the transcript is a question for a yes."""
    transcript = [line.split("│")[0].strip() for line in program.screen().split("\n ◉")[0].splitlines()]
    return ASKED in " ".join([line for line in transcript if line.strip("─ ")][-3:])


def converse(card, program, voice):
    """Says everything, and gives for each the seconds from the end of speech to the first sound of the answer."""
    clips = [clip(card, voice, text) for _, text in SCRIPT]
    rows = []
    with Tape(card, "micin.monitor") as microphone, Tape(card, "spk.monitor") as speaker:
        if not (microphone.wait() and speaker.wait()):
            raise CannotMeasure("nothing can be recorded")
        yes = clip(card, voice, ANSWER)
        for (how, text), path in zip(SCRIPT, clips):
            if how == "over":
                wait(program, [SPEAKING], 5)
                time.sleep(0.8)
            else:
                settled(program)
            start = time.monotonic()
            player = card.play(path)
            player.wait()
            wait(program, [SPEAKING], 6)
            time.sleep(0.3)
            now = time.monotonic()
            spoken = microphone.so_far().runs(start, now, hole_ms=400)
            end = spoken[0][1] if spoken else None
            onset = speaker.so_far().onset(end, now) if end else None
            rows.append((how, text, onset - end if onset else None))
            print(f"  {text}: {'no answer' if onset is None else f'{(onset - end) * 1000:.0f} ms'}", flush=True)
            if how == "say" and text.startswith("list"):
                continue
            settled(program)
            if asked_back(program):
                card.play(yes).wait()
                wait(program, [SPEAKING], 6)
                settled(program)
        settled(program)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=os.path.join(ROOT, "target/release/realtime-cli"))
    parser.add_argument("--voice", default="slt")
    parser.add_argument("--out", default=os.path.join(ROOT, "target/rig"))
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    with Card() as card:
        env = {"REALTIME_CLI_AUDIO_CUES": "false"}
        binary = os.path.abspath(options.binary)
        with Program(card, [binary, "--offline"], env) as program:
            if not wait(program, [LISTENING], 20):
                raise CannotMeasure(f"the program does not listen; its screen:\n{program.screen()}")
            time.sleep(2.5)
            began = time.monotonic()
            rows = converse(card, program, options.voice)
            length = time.monotonic() - began
            log = os.path.join(card.dir, "log.json")
            program.keys("-l", f"/export {log}")
            program.keys("Enter")
            wait(program, ["written", "exported"], 5)
            time.sleep(0.5)
            home = program.home
        with open(log, encoding="utf-8") as file:
            entries = json.load(file)
        tasks = subprocess.run(
            [binary, "tasks", "list", "--all", "--json"], env={**card.env, "REALTIME_CLI_HOME": home},
            capture_output=True, text=True, check=True,
        )
    path = os.path.join(options.out, "dialogue.md")
    with open(path, "w", encoding="utf-8") as file:
        file.write(report(rows, length, entries, json.loads(tasks.stdout), options.voice))
    print(path)
    unanswered = [text for _, text, seconds in rows if seconds is None]
    sys.exit(f"no answer to: {unanswered}" if unanswered else 0)


def report(rows, length, entries, tasks, voice):
    times = [seconds * 1000 for how, _, seconds in rows if seconds is not None]
    lines = [
        "# A spoken conversation with the offline engine",
        "",
        f"Made by `make dialogue`: {len(rows)} utterances in {length:.0f} s, flite's voice `{voice}`, on a virtual sound",
        "card; pauses of 500 ms end a turn. From the end of speech to the first sound of the answer: median",
        f"{statistics.median(times):.0f} ms, longest {max(times):.0f} ms.",
        "",
        "| said | the answer begins after |",
        "|---|---|",
    ]
    for how, text, seconds in rows:
        over = " (while the assistant spoke)" if how == "over" else ""
        lines.append(f"| {text}{over} | {'never' if seconds is None else f'{seconds * 1000:.0f} ms'} |")
    lines += ["", "## As the program wrote it down", ""]
    for entry in entries.get("entries", entries) if isinstance(entries, dict) else entries:
        lines.append("- " + json.dumps(entry, ensure_ascii=False))
    lines += ["", "## The tasks that came of it", ""]
    for task in tasks:
        more = ", ".join(f"{k} {task[k]}" for k in ("due", "remind", "priority", "status") if task.get(k))
        lines.append(f"- {task['title']}: {more}")
    return "\n".join(lines) + "\n"


main()
