"""The five sentences of the program and forty paraphrases, spoken to the offline engine in voices of flite.

Each is said in a conversation of its own, as a recording. It is done when the right function is called, the tasks are
then what they should be, and the answer confirms it in words and sound; it is asked back when the assistant was not
sure of what it had heard, and asks before it does anything.

usage: sentences.py BINARY [--voices slt,rms] [--out FILE]
"""

import argparse
import json
import os
import struct
import subprocess
import tempfile
import tomllib
import wave

HERE = os.path.dirname(os.path.abspath(__file__))
DONE, ASKED, WRONG = "done", "asked back", "wrong"


class Person:
    """One person with a new list."""

    def __init__(self, binary, home, before):
        self.binary = binary
        self.env = {"PATH": os.environ["PATH"], "HOME": home, "XDG_CACHE_HOME": os.path.join(os.path.dirname(home), "cache")}
        for title in before:
            self.run("tasks", "add", title)

    def run(self, *args):
        return subprocess.run([self.binary, *args], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, check=False).stdout.decode()

    def say(self, wav, answer):
        """What was heard, which functions were called, what was answered."""
        lines = [json.loads(line) for line in self.run("--offline", "--audio-in", wav, "--audio-out", answer, "--fast", "--json").splitlines()]
        of = lambda kind, field: [line[field] for line in lines if line["type"] == kind]
        return " ".join(of("user", "text")), of("tool_call", "name"), " ".join(of("assistant", "text"))

    def tasks(self):
        tasks = json.loads(self.run("tasks", "list", "--all", "--json"))
        tasks = tasks["tasks"] if isinstance(tasks, dict) else tasks
        return sorted(f"{task['status']} {task['title']}" for task in tasks)


def has_sound(path):
    with wave.open(path) as file:
        data = file.readframes(file.getnframes())
    return sum(abs(sample) > 1000 for sample in struct.unpack(f"<{len(data) // 2}h", data)) > 2000


def judge(binary, voice, intent, sentence, folder):
    home = tempfile.mkdtemp(dir=folder)
    wav, answer = os.path.join(home, "said.wav"), os.path.join(home, "answer.wav")
    subprocess.run(["flite", "-voice", voice, "-t", sentence, "-o", wav], check=True)
    person = Person(binary, home, intent["before"])
    heard, called, said = person.say(wav, answer)
    confirmed = all(word in said.lower() for word in intent["words"]) and has_sound(answer)
    if called == [intent["function"]] and person.tasks() == sorted(intent["after"]) and confirmed:
        return DONE, heard, said
    untouched = person.tasks() == sorted(f"pending {title}" for title in intent["before"])
    return (ASKED if untouched and said.strip().endswith(("no.", "?")) else WRONG), heard, said


def document(rows, voices):
    share = lambda rows, what: sum(row[2] == what for row in rows)
    mission = [row for row in rows if row[4]]
    others = [row for row in rows if not row[4]]
    out = f"""# The five sentences and forty paraphrases, spoken

Made by `make sentences`: the sentences of `tests/it/paraphrases.toml`, each spoken by the voices {voices} of flite in a
conversation of its own with the offline engine. **Done**: the right function, the right change in the store, a
confirmation in words and sound. **Asked back**: nothing was changed, the assistant asks first. Typed, all 45 are done
(`tests/it/paraphrases.rs`).

| | said | done | asked back | wrong |
|---|---|---|---|---|
"""
    for name, part in (("the five", mission), ("paraphrases", others)):
        out += f"| {name} | {len(part)} | {share(part, DONE)} | {share(part, ASKED)} | {share(part, WRONG)} |\n"
    missed = [row for row in rows if row[2] != DONE]
    if missed:
        out += "\n| voice | said | heard | |\n|---|---|---|---|\n"
        out += "".join(f"| {voice} | {said} | {heard} | {what} |\n" for voice, said, what, heard, _ in missed)
    return out


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("binary")
    arguments.add_argument("--voices", default="slt,rms")
    arguments.add_argument("--out")
    args = arguments.parse_args()
    with open(os.path.join(os.path.dirname(HERE), "it", "paraphrases.toml"), "rb") as file:
        intents = tomllib.load(file)["intent"]
    binary, rows = os.path.abspath(args.binary), []
    with tempfile.TemporaryDirectory() as folder:
        for voice in args.voices.split(","):
            for intent in intents:
                for index, sentence in enumerate(intent["sentences"]):
                    what, heard, said = judge(binary, voice, intent, sentence, folder)
                    rows.append((voice, sentence, what, heard, index == 0))
                    print(f"{what:10} {voice} {sentence!r}" + ("" if what == DONE else f": heard {heard!r}, said {said!r}"), flush=True)
    text = document(rows, args.voices.replace(",", " and "))
    print(text)
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            file.write(text)


main()
