"""The built program against servers that others wrote: a text turn, a turn with a function, a spoken turn.

usage: servers.py PATH-OF-REALTIME-CLI FOLDER [SERVER]

FOLDER has the servers, as `make interop-servers` installs them. Prints a line for every turn; exits with 1 when one
failed.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import wave

HERE = os.path.dirname(os.path.abspath(__file__))
SPEECH = os.path.join(HERE, "../../assets/demo/buy-groceries.wav")
REQUEST = "Create a task to buy groceries"
PATIENCE_S = 90

# What it is, how it is started on a port, what the program is told besides the address, and its turns.
SERVERS = {
    "aimock": (
        lambda folder, port: [
            "node", f"{folder}/mock/node_modules/.bin/llmock", "--port", str(port), "--fixtures", f"{HERE}/aimock.json",
            "--strict", "--log-level", "warn",
        ],
        [],
        ("text", "function", "refusal"),
    ),
    "speech-to-speech": (
        lambda folder, port: [f"{folder}/speech/bin/python", f"{HERE}/hugging_face.py", str(port)],
        ["--provider", "huggingface"],
        ("text", "function", "spoken"),
    ),
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command, port, log):
    """Waits until something listens there."""
    process = subprocess.Popen(command, stdout=log, stderr=log)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process
        except OSError:
            time.sleep(0.2)
    process.kill()
    raise SystemExit(f"it did not start: {' '.join(command)}")


class Client:
    """The program, with a home of its own."""

    def __init__(self, binary, url, options):
        self.binary, self.options = binary, ["--url", url, *options]
        self.folder = tempfile.TemporaryDirectory()
        self.home = self.folder.name

    def run(self, *arguments, lines=""):
        """The JSON lines that it writes."""
        env = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        env |= {"REALTIME_CLI_HOME": self.home, "HOME": self.home, "TZ": "UTC"}
        done = subprocess.run(
            [self.binary, *arguments], env=env, input=lines, capture_output=True, text=True, timeout=PATIENCE_S
        )
        self.said = done.stdout + done.stderr
        assert done.returncode == 0, f"exit code {done.returncode}"
        return [json.loads(line) for line in done.stdout.splitlines()]

    def talk(self, *arguments, lines=""):
        heard = self.run("--json", *self.options, *arguments, lines=lines)
        return heard, [line["text"] for line in heard if line["type"] == "assistant"]

    def titles(self):
        return [task["title"].lower() for task in self.run("tasks", "list", "--json")[0]]


def text(client):
    _, answers = client.talk("--text", lines="hello\nhello again\n")
    assert len(answers) == 2 and all("Hello there" in answer for answer in answers), answers
    return answers[1]


def function(client):
    heard, answers = client.talk("--text", lines=f"{REQUEST}\n")
    calls = [line["name"] for line in heard if line["type"] == "tool_call"]
    assert calls == ["create_task"] and client.titles() == ["buy groceries"], (calls, client.titles())
    assert answers and "created" in answers[-1], answers
    return f"a task, and {answers[-1]!r}"


def spoken(client):
    """What is said is transcribed, does what it asks for, and is answered with sound."""
    answer = os.path.join(client.home, "answer.wav")
    heard, answers = client.talk("--audio-in", SPEECH, "--audio-out", answer)
    said = [line["text"] for line in heard if line["type"] == "user"]
    assert REQUEST in said and client.titles() == ["buy groceries"], (said, client.titles())
    assert answers and "created" in answers[-1], answers
    with wave.open(answer) as file:
        sound = file.readframes(file.getnframes())
        rate = file.getframerate() * file.getnchannels()
    loud = sum(abs(int.from_bytes(sound[i : i + 2], "little", signed=True)) > 1000 for i in range(0, len(sound), 2))
    assert loud > rate // 10, f"{loud} loud samples"
    return f"heard {said[-1]!r}, answered {answers[-1]!r} with {loud / rate:.1f} s of sound"


def refusal(client):
    """What the server cannot answer is told, and the next line is answered."""
    heard, answers = client.talk("--text", lines="what nobody scripted\nhello\n")
    notices = [line["text"] for line in heard if line["type"] == "notice"]
    given_up = [notice for notice in notices if "given up" in notice]
    assert len(given_up) == 1 and answers and "Hello there" in answers[-1], (notices, answers)
    return f"told {given_up[0]!r}, and went on"


def main(binary, folder, only=None):
    passed = failed = 0
    for name, (command, options, turns) in SERVERS.items():
        if only not in (None, name):
            continue
        port = free_port()
        with open(os.path.join(folder, f"{name}.log"), "w") as log:
            server = start(command(folder, port), port, log)
            try:
                for turn in turns:
                    client = Client(binary, f"ws://127.0.0.1:{port}/v1/realtime", options)
                    client.said = ""
                    try:
                        print(f"passed: {name}: {turn}: {globals()[turn](client)}", flush=True)
                        passed += 1
                    except Exception as error:
                        print(f"failed: {name}: {turn}: {error!r}\n{client.said}", flush=True)
                        failed += 1
            finally:
                server.terminate()
                try:
                    server.wait(10)
                except subprocess.TimeoutExpired:
                    server.kill()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), *sys.argv[3:]))
