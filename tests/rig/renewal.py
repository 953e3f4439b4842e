"""How long a conversation stands still when its session is renewed as planned.

usage: renewal.py BINARY [--renewals 8] [--delays 0,50,150]

The program streams a quiet recording to a server whose sessions live for ten seconds, over a line that delays each
way by so many milliseconds. The gap is the time between the last sound that the old session received and the first
that the new one did, less the piece of sound itself. What was received beyond the time that passed was sent twice.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import statistics
import struct
import tempfile
import time
import wave

import websockets

LIFE_S = 10
RATE = 24000


class Server:
    def __init__(self, delay_s):
        self.delay_s = delay_s
        # Of each session that received sound: (time, samples) of every piece.
        self.sessions = []

    async def serve(self, socket):
        # The program leaves without a word.
        with contextlib.suppress(websockets.ConnectionClosed):
            await self.converse(socket)

    async def converse(self, socket):
        loop = asyncio.get_running_loop()
        pieces = []

        def send(event):
            text = json.dumps(event)
            loop.call_later(self.delay_s, lambda: asyncio.ensure_future(quietly(socket.send(text))))

        session = {"type": "realtime", "id": f"sess_{random.random()}", "expires_at": int(time.time()) + LIFE_S}
        send({"type": "session.created", "event_id": "e", "session": session})
        async for text in socket:
            arrived = time.monotonic() + self.delay_s
            event = json.loads(text)
            if event["type"] == "session.update":
                updated = {"type": "session.updated", "event_id": "e", "session": session | event["session"]}
                loop.call_later(self.delay_s, send, updated)
            elif event["type"] == "input_audio_buffer.append":
                if not pieces:
                    self.sessions.append(pieces)
                pieces.append((arrived, len(base64.b64decode(event["audio"])) // 2))

    def gaps_ms(self):
        pairs = zip(self.sessions, self.sessions[1:])
        return [(new[0][0] - old[-1][0]) * 1e3 - 20 for old, new in pairs]

    def heard_s(self):
        return sum(samples for session in self.sessions for _, samples in session) / RATE


async def quietly(sending):
    with contextlib.suppress(websockets.ConnectionClosed):
        await sending


def quiet(path, seconds):
    noise = random.Random(1)
    samples = [noise.randint(-20, 20) for _ in range(RATE * seconds)]
    with wave.open(path, "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))


async def measure(binary, delay_ms, renewals):
    server = Server(delay_ms / 1e3)
    with tempfile.TemporaryDirectory() as home:
        sound = os.path.join(home, "quiet.wav")
        seconds = LIFE_S * (renewals + 1)
        quiet(sound, seconds)
        async with websockets.serve(server.serve, "127.0.0.1", 0, max_size=None) as listening:
            port = listening.sockets[0].getsockname()[1]
            child = await asyncio.create_subprocess_exec(
                binary, "--url", f"ws://127.0.0.1:{port}/v1/realtime", "--audio-in", sound, "--json",
                env={"HOME": home, "PATH": os.environ["PATH"]}, stdin=asyncio.subprocess.DEVNULL)
            await asyncio.sleep(seconds - 1)
            child.terminate()
            await child.wait()
    gaps = sorted(server.gaps_ms())
    print(f"{delay_ms} ms each way: {len(gaps)} renewals, gap median {statistics.median(gaps):.0f} ms, most "
          f"{gaps[-1]:.0f} ms; of {seconds - 1} s, {server.heard_s():.1f} s were received")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("binary")
    arguments.add_argument("--renewals", type=int, default=8)
    arguments.add_argument("--delays", default="0,50,150")
    args = arguments.parse_args()
    for delay in args.delays.split(","):
        asyncio.run(measure(args.binary, int(delay), args.renewals))


main()
