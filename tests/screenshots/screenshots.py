"""Takes pictures of the release program in a conversation with its offline engine, spoken on a virtual sound card.

usage: screenshots.py [--binary PATH] [--out DIR] [SCENE ...]
"""

import argparse
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "rig"))

import picture
from card import Card

DEMO = os.path.join(ROOT, "assets", "demo")
COLUMNS, ROWS = 104, 30


class Session:
    """The program in tmux, with a home of its own."""

    def __init__(self, card, binary, arguments=(), columns=COLUMNS, rows=ROWS, home=None, env=None):
        self.card, self.columns, self.rows = card, columns, rows
        self.socket = os.path.join(card.dir, f"tmux-{time.monotonic_ns()}")
        self.home = home or os.path.join(card.dir, f"home-{time.monotonic_ns()}")
        os.makedirs(self.home, exist_ok=True)
        environment = {k: v for k, v in card.env.items() if k not in ("OPENAI_API_KEY", "NO_COLOR", "TMUX")}
        environment.update(TERM="xterm-256color", LANG="C.UTF-8", REALTIME_CLI_HOME=self.home, **(env or {}))
        config = os.path.join(card.dir, "screenshots.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write('set -g remain-on-exit on\nset -g status off\nset -g default-terminal "tmux-256color"\n')
            file.write('set -ga terminal-features ",*:RGB"\n')
        size = ["-x", str(columns), "-y", str(rows)]
        command = [os.path.abspath(binary), *arguments]
        tmux = ["tmux", "-S", self.socket, "-f", config, "new-session", "-d", *size, *command]
        subprocess.run(tmux, env=environment, cwd=card.dir, check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.keys("C-c")
        time.sleep(0.5)
        self.tmux("kill-server")

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-S", self.socket, *arguments], capture_output=True, text=True, check=False)
        return done.stdout

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def press(self, *keys):
        """One key after the other: a terminal's Esc and the next one at once are Alt with it."""
        for key in keys:
            self.keys(key)
            time.sleep(0.4)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def say(self, text):
        self.type(text)
        self.keys("Enter")

    def text(self):
        return self.tmux("capture-pane", "-p")

    def wait(self, words, seconds=20):
        """Until one of the words is on screen."""
        words = [words] if isinstance(words, str) else words
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            text = self.text()
            if any(word in text for word in words):
                return True
            time.sleep(0.05)
        print(f"  never seen: {words}; the screen:\n{self.text()}", file=sys.stderr)
        return False

    def rest(self, seconds=30):
        """Until the assistant has spoken its answer."""
        time.sleep(1)
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(w in self.text() for w in ("thinking", "speaking")):
            time.sleep(0.1)

    def picture(self, name, out, theme="dark"):
        column, row, shown = self.tmux("display-message", "-p", "#{cursor_x} #{cursor_y} #{cursor_flag}").split()
        cursor = (int(column), int(row)) if shown == "1" else None
        path = os.path.join(out, name + ".png")
        picture.draw(self.tmux("capture-pane", "-e", "-p"), self.columns, self.rows, path, theme, cursor)
        print(path, flush=True)


def speak(session, name):
    """Plays a demo into the microphone; returns while the player still runs."""
    path = os.path.join(DEMO, name + ".wav")
    return subprocess.Popen(
        ["paplay", "--device=micin", path], env=session.card.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def spoken(session, name):
    speak(session, name).wait()
    session.wait(["thinking", "speaking"], 6)
    session.rest()


def conversation(card, options):
    """A spoken conversation, its middle and its end."""
    with Session(card, options.binary) as s:
        s.wait("listening")
        spoken(s, "buy-groceries")
        spoken(s, "call-mom")
        player = speak(s, "list-tasks")
        s.wait("hearing you", 3)
        time.sleep(0.3)
        s.picture("hearing", options.out)
        player.wait()
        s.wait("speaking", 8)
        time.sleep(0.8)
        s.picture("conversation", options.out)
        s.rest()
        spoken(s, "complete-groceries")
        s.picture("done", options.out)


def interrupted(card, options):
    """The person speaks over the answer, and holds a key to talk."""
    with Session(card, options.binary) as s:
        s.wait("listening")
        spoken(s, "buy-groceries")
        spoken(s, "call-mom")
        speak(s, "list-tasks").wait()
        s.wait("speaking", 8)
        time.sleep(1.2)
        player = speak(s, "delete-mom")
        player.wait()
        s.wait("interrupted", 4)
        s.rest()
        s.picture("interrupted", options.out)
        s.keys("F2")
        time.sleep(0.6)
        s.keys("Space")
        player = speak(s, "list-tasks")
        time.sleep(0.9)
        s.picture("push-to-talk", options.out)
        player.wait()


def hands(card, options):
    """The tasks by keyboard, the panels, and the commands."""
    with Session(card, options.binary) as s:
        s.wait("listening")
        for line in (
            "add a task to pay the rent due friday with high priority",
            "add a task to water the plants",
            "remind me to call mom tomorrow at 5 pm",
            "create a task to buy groceries",
            "move the groceries to monday",
        ):
            s.say(line)
            s.rest()
        s.press("Tab", "Down")
        s.picture("tasks", options.out)
        s.press("Escape", "F3")
        time.sleep(1.5)
        s.picture("devices", options.out)
        s.press("Escape", "/")
        s.picture("commands", options.out)
        s.press("C-u", "F1")
        s.picture("help", options.out)


def small(card, options):
    """A screen of 60 by 16, on a light background."""
    with Session(card, options.binary, ("--theme", "light"), 60, 16, env={"COLORTERM": "truecolor"}) as s:
        s.wait("listening")
        spoken(s, "buy-groceries")
        spoken(s, "call-mom")
        s.picture("small", options.out, "light")


SCENES = {"conversation": conversation, "interrupted": interrupted, "hands": hands, "small": small}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenes", nargs="*", choices=[*SCENES, []], default=[])
    parser.add_argument("--binary", default=os.path.join(ROOT, "target", "release", "realtime-cli"))
    parser.add_argument("--out", default=os.path.join(ROOT, "assets", "screenshots"))
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    for name in options.scenes or SCENES:
        with Card() as card:
            SCENES[name](card, options)


if __name__ == "__main__":
    main()
