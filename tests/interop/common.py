"""What the Python clients share: the server's address, the function they offer, and the words they speak."""

import os
import wave

URL = os.environ["REALTIME_URL"]
TOKEN = os.environ["REALTIME_TOKEN"]
MODEL = "gpt-realtime-2.1"
REQUEST = "Create a task to water the plants"
PATIENCE_S = 30
TOOL = {
    "type": "function",
    "name": "create_task",
    "description": "Create a task.",
    "parameters": {
        "type": "object",
        "properties": {"title": {"type": "string"}},
        "required": ["title"],
        "additionalProperties": False,
    },
}


def speech():
    """"Create a task to buy groceries" and a second of silence, in pieces of 100 ms: 24 kHz, 16 bit, mono."""
    with wave.open(os.environ["REALTIME_SPEECH"]) as file:
        sound = file.readframes(file.getnframes())
    sound += bytes(48000)
    return [sound[i : i + 4800] for i in range(0, len(sound), 4800)]


def created(title):
    """The output of a call of the function."""
    return {"ok": True, "action": "created", "task": {"number": 1, "status": "pending", "title": title}}


def ok(turn, detail):
    print(f"ok {turn} turn: {detail}", flush=True)
