"""A scripted server of the Realtime protocol (GA) for one client, which logs when everything happened.

usage: server.py LOG '{"reply_s": 2, ...}'     see `DEFAULTS`

Prints its port. Commands come on standard input, one JSON object a line: {"do": "respond"}, {"do": "interrupt"},
{"do": "set", ...}. The log has one JSON object a line: `e` the event, `t` time.monotonic().
"""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import random
import sys
import time
import wave

import numpy as np
import websockets

RATE = 24000
DEFAULTS = {
    "reply_s": 2.0,
    "reply_wav": None,
    "tone_hz": 400,
    "level": 0.4,
    # A delta's length in ms: a number, or two between which each is drawn.
    "delta_ms": 100,
    # Times real time; 0: as fast as it goes.
    "speed": 8.0,
    # Never further ahead of real time than this; 0: no limit.
    "lead_s": 0.0,
    # Each delta is late by up to this; the order is kept.
    "jitter_ms": 0.0,
    "seed": 1,
    # Speech is what is louder than this (RMS of 10 ms), for so long; it ends after so much silence.
    "threshold": 0.02,
    "confirm_ms": 10,
    "silence_ms": 250,
    # `speech_started` is sent so much after it was heard.
    "delay_ms": 0.0,
    # The received sound goes to this file.
    "dump": None,
}
WORDS = "the quick brown fox jumps over the lazy dog".split()


class Log:
    def __init__(self, path):
        self.file = open(path, "a", buffering=1, encoding="utf-8")

    def __call__(self, event, at=None, **fields):
        self.file.write(json.dumps({"e": event, "t": time.monotonic() if at is None else at, **fields}) + "\n")


class Ears:
    """An energy detector over what is appended."""

    def __init__(self, settings):
        self.settings = settings
        self.speech = False
        self.loud_ms = 0
        self.quiet_ms = 0
        self.heard_ms = 0.0
        self.rest = np.zeros(0, dtype=np.int16)

    def hear(self, samples):
        """Gives ("loud", rms) for the block, and "started" or "stopped" where that changes."""
        frame = RATE // 100
        x = np.concatenate((self.rest, samples))
        whole = len(x) // frame * frame
        self.rest = x[whole:]
        self.heard_ms += len(samples) * 1000 / RATE
        blocks = x[:whole].reshape(-1, frame).astype(np.float32) / 32768
        changes = []
        levels = np.sqrt(np.mean(blocks * blocks, axis=1)) if whole else np.zeros(0)
        for level in levels:
            changes += self._block(float(level))
        return float(levels.max()) if whole else 0.0, changes

    def _block(self, level):
        s = self.settings
        if level > s["threshold"]:
            self.quiet_ms = 0
            self.loud_ms += 10
            if not self.speech and self.loud_ms >= s["confirm_ms"]:
                self.speech = True
                return ["started"]
            return []
        self.loud_ms = 0
        self.quiet_ms += 10
        if self.speech and self.quiet_ms >= s["silence_ms"]:
            self.speech = False
            return ["stopped"]
        return []


class Client:
    def __init__(self, socket, settings, log):
        self.socket = socket
        self.settings = settings
        self.log = log
        self.ears = Ears(settings)
        self.ids = itertools.count(1)
        self.random = random.Random(settings["seed"])
        self.response = None
        self.item = None
        self.bytes = 0
        self.above = False
        self.later = set()
        self.dump = open(settings["dump"], "wb") if settings["dump"] else None
        self.session = {
            "type": "realtime", "object": "realtime.session", "id": self.new("sess"), "model": "gpt-realtime",
            "output_modalities": ["audio"], "instructions": "", "tools": [], "tool_choice": "auto",
            "max_output_tokens": "inf",
            "audio": {
                "input": {
                    "format": {"type": "audio/pcm", "rate": RATE}, "transcription": None, "noise_reduction": None,
                    "turn_detection": {
                        "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300,
                        "silence_duration_ms": 500, "create_response": True, "interrupt_response": True,
                    },
                },
                "output": {"format": {"type": "audio/pcm", "rate": RATE}, "voice": "marin", "speed": 1.0},
            },
        }

    def new(self, kind):
        return f"{kind}_{next(self.ids):06d}"

    async def send(self, kind, **fields):
        await self.socket.send(json.dumps({"type": kind, "event_id": self.new("event"), **fields}))

    async def serve(self):
        await self.send("session.created", session=self.session)
        try:
            async for message in self.socket:
                now = time.monotonic()
                event = json.loads(message)
                if event["type"] == "input_audio_buffer.append":
                    await self.append(now, event["audio"])
                else:
                    await self.other(now, event)
        except websockets.ConnectionClosed:
            pass
        self.log("disconnect", bytes=self.bytes)
        for task in [self.response, *self.later]:
            if task:
                task.cancel()

    async def append(self, now, audio):
        data = base64.b64decode(audio)
        self.bytes += len(data)
        if self.dump:
            self.dump.write(data)
        level, changes = self.ears.hear(np.frombuffer(data, dtype="<i2"))
        self.log("append", at=now, bytes=self.bytes, level=round(level, 5))
        if level > self.settings["threshold"] and not self.above:
            self.log("loud", at=now, bytes=self.bytes)
        self.above = level > self.settings["threshold"]
        for change in changes:
            if self.turn_detection() is None:
                continue
            if change == "started":
                self.soon(self.settings["delay_ms"], self.started)
            else:
                self.soon(self.settings["delay_ms"], self.stopped)

    def soon(self, delay_ms, what):
        async def run():
            await asyncio.sleep(delay_ms / 1000)
            await what()

        task = asyncio.create_task(run())
        self.later.add(task)
        task.add_done_callback(self.later.discard)

    def turn_detection(self):
        return self.session["audio"]["input"].get("turn_detection")

    def speaking(self):
        return self.response is not None and not self.response.done()

    async def started(self, why="heard"):
        self.item = self.new("item")
        start = int(self.ears.heard_ms)
        self.log("speech_started", why=why, speaking=self.speaking())
        await self.send("input_audio_buffer.speech_started", audio_start_ms=start, item_id=self.item)
        if (self.turn_detection() or {}).get("interrupt_response", True):
            await self.cancel()

    async def stopped(self):
        self.log("speech_stopped")
        item = self.item or self.new("item")
        end = int(self.ears.heard_ms)
        await self.send("input_audio_buffer.speech_stopped", audio_end_ms=end, item_id=item)
        await self.commit(item)
        if (self.turn_detection() or {}).get("create_response", True):
            await self.respond()

    async def commit(self, item):
        await self.send("input_audio_buffer.committed", previous_item_id=None, item_id=item)
        content = [{"type": "input_audio", "transcript": None}]
        said = {"id": item, "object": "realtime.item", "type": "message", "status": "completed", "role": "user",
                "content": content}
        await self.send("conversation.item.added", previous_item_id=None, item=said)
        await self.send("conversation.item.done", previous_item_id=None, item=said)
        if self.session["audio"]["input"].get("transcription"):
            kind = "conversation.item.input_audio_transcription.completed"
            await self.send(kind, item_id=item, content_index=0, transcript="something",
                            usage={"type": "duration", "seconds": 1})

    async def cancel(self):
        if self.speaking():
            self.response.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.response

    async def respond(self):
        if self.speaking():
            await self.cancel()
        self.response = asyncio.create_task(self.reply())

    async def reply(self):
        s = self.settings
        response, item = self.new("resp"), self.new("item")
        at = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        base = {"object": "realtime.response", "id": response, "conversation_id": "conv_1", "metadata": None,
                "output_modalities": ["audio"], "status_details": None, "usage": None}
        said = {"id": item, "object": "realtime.item", "type": "message", "status": "in_progress",
                "role": "assistant", "content": []}
        await self.send("response.created", response={**base, "status": "in_progress", "output": []})
        await self.send("response.output_item.added", response_id=response, output_index=0, item=said)
        await self.send("conversation.item.added", previous_item_id=self.item, item=said)
        await self.send("response.content_part.added", part={"type": "audio", "transcript": ""}, **at)
        status, words, sent = "completed", [], 0
        head = json.dumps({"type": "response.output_audio.delta", **at})[:-1] + ', "delta": "'
        begin = time.monotonic()
        try:
            for number, (start, length, due) in enumerate(self.schedule()):
                wait = begin + due - time.monotonic()
                if wait > 0.0005:
                    await asyncio.sleep(wait)
                if number == 0:
                    self.log("first_delta", response=response, item=item)
                await self.socket.send(head + sound(s, start, length) + '"}')
                sent += length
                if number % 4 == 0:
                    words.append(WORDS[len(words) % len(WORDS)])
                    await self.send("response.output_audio_transcript.delta", delta=words[-1] + " ", **at)
        except asyncio.CancelledError:
            status = "cancelled"
        self.log("response_end", response=response, item=item, status=status, sent_ms=sent * 1000 / RATE)
        text = " ".join(words)
        part = {"type": "audio", "transcript": text}
        said = {**said, "status": "completed" if status == "completed" else "incomplete",
                "content": [{"type": "output_audio", "transcript": text}]}
        await self.send("response.output_audio.done", **at)
        await self.send("response.output_audio_transcript.done", transcript=text, **at)
        await self.send("response.content_part.done", part=part, **at)
        await self.send("response.output_item.done", response_id=response, output_index=0, item=said)
        await self.send("conversation.item.done", previous_item_id=self.item, item=said)
        details = None if status == "completed" else {"type": "cancelled", "reason": "turn_detected"}
        usage = {"total_tokens": 30, "input_tokens": 10, "output_tokens": 20}
        done = {**base, "status": status, "status_details": details, "output": [said], "usage": usage}
        await self.send("response.done", response=done)

    def schedule(self):
        """(first sample, samples, due in seconds) of each delta."""
        s = self.settings
        total = len(voice(s["reply_wav"])) if s["reply_wav"] else int(s["reply_s"] * RATE)
        position, last = 0, 0.0
        while position < total:
            ms = s["delta_ms"] if isinstance(s["delta_ms"], (int, float)) else self.random.uniform(*s["delta_ms"])
            length = min(int(ms * RATE / 1000), total - position)
            due = position / RATE / s["speed"] if s["speed"] else 0.0
            if s["lead_s"]:
                due = max(due, position / RATE - s["lead_s"])
            last = max(last, due + self.random.uniform(0, s["jitter_ms"]) / 1000)
            yield position, length, last
            position += length

    async def other(self, now, event):
        kind = event["type"]
        fields = {k: v for k, v in event.items() if k in ("item_id", "audio_end_ms", "content_index", "response_id")}
        self.log(kind, at=now, **fields)
        if kind == "session.update":
            merge(self.session, event["session"])
            await self.send("session.updated", session=self.session)
        elif kind == "input_audio_buffer.commit":
            await self.commit(self.new("item"))
        elif kind == "input_audio_buffer.clear":
            await self.send("input_audio_buffer.cleared")
        elif kind == "response.create":
            await self.respond()
        elif kind == "response.cancel":
            await self.cancel()
        elif kind == "conversation.item.truncate":
            await self.send("conversation.item.truncated", item_id=event["item_id"], content_index=0,
                            audio_end_ms=event["audio_end_ms"])
        elif kind == "conversation.item.delete":
            await self.send("conversation.item.deleted", item_id=event["item_id"])
        elif kind == "conversation.item.create":
            item = {"id": self.new("item"), "object": "realtime.item", "status": "completed", **event["item"]}
            await self.send("conversation.item.added", previous_item_id=None, item=item)
            await self.send("conversation.item.done", previous_item_id=None, item=item)

    async def command(self, command):
        what = command.pop("do")
        if what == "respond":
            await self.respond()
        elif what == "interrupt":
            # Speech that no microphone heard: only the server's word can stop the speaker.
            await self.started(why="told")
            self.soon(300, self.stopped)


def merge(old, new):
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            merge(old[key], value)
        else:
            old[key] = value


CACHE = {}


def voice(path):
    if path not in CACHE:
        with wave.open(path) as file:
            CACHE[path] = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return CACHE[path]


def sound(s, start, length):
    """Base64 of a piece of the reply."""
    if s["reply_wav"]:
        return base64.b64encode(voice(s["reply_wav"])[start : start + length].tobytes()).decode()
    phase = start * s["tone_hz"] % RATE
    key = (phase, length, s["tone_hz"], s["level"])
    if key not in CACHE:
        x = np.sin(2 * np.pi * (s["tone_hz"] * np.arange(length) + phase) / RATE) * s["level"] * 32767
        CACHE[key] = base64.b64encode(np.round(x).astype("<i2").tobytes()).decode()
    return CACHE[key]


async def main():
    settings = {**DEFAULTS, **json.loads(sys.argv[2])}
    log = Log(sys.argv[1])
    clients = []

    async def connected(socket):
        clients.append(Client(socket, settings, log))
        log("connect")
        await clients[-1].serve()

    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with websockets.serve(connected, "127.0.0.1", 0, max_size=None, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        while line := await lines.readline():
            command = json.loads(line)
            if command["do"] == "set":
                settings.update({k: v for k, v in command.items() if k != "do"})
            elif clients:
                await clients[-1].command(command)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
