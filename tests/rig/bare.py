"""The shortest client there can be, to find out what the rig adds by itself: parec to appends, deltas to pacat.

usage: bare.py URL [DELAY_MS]     the delay is added on the way from the microphone, and again to the speaker
"""

import asyncio
import base64
import json
import os
import subprocess
import sys

import websockets

READ = ["parec", "--device=mic", "--rate=24000", "--channels=1", "--format=s16le", "--latency-msec=10", "--raw"]
PLAY = ["pacat", "--playback", "--device=spk", "--rate=24000", "--channels=1", "--format=s16le", "--raw",
        "--latency-msec=10"]


def player():
    process = subprocess.Popen(PLAY, stdin=subprocess.PIPE, bufsize=0)
    os.set_blocking(process.stdin.fileno(), False)
    return process


async def main():
    delay = float(sys.argv[2]) / 1000 if len(sys.argv) > 2 else 0.0
    loop = asyncio.get_running_loop()
    async with websockets.connect(sys.argv[1], max_size=None, compression=None) as socket:
        microphone = await asyncio.create_subprocess_exec(*READ, stdout=subprocess.PIPE)
        speaker = player()
        pending = bytearray()

        async def hear():
            while True:
                data = await microphone.stdout.read(4800)
                if not data:
                    return
                audio = base64.b64encode(data).decode()
                message = json.dumps({"type": "input_audio_buffer.append", "audio": audio})
                loop.call_later(delay, lambda m=message: asyncio.ensure_future(socket.send(m)))

        async def speak():
            while True:
                if pending:
                    try:
                        del pending[: os.write(speaker.stdin.fileno(), bytes(pending[:4096]))]
                        continue
                    except BlockingIOError:
                        pass
                await asyncio.sleep(0.002)

        def play(of, data):
            if of == item:
                pending.extend(data)

        tasks = [asyncio.create_task(hear()), asyncio.create_task(speak())]
        item = None
        async for message in socket:
            event = json.loads(message)
            if event["type"] == "response.output_audio.delta":
                item, data = event["item_id"], base64.b64decode(event["delta"])
                loop.call_later(delay, play, item, data)
            if event["type"] == "input_audio_buffer.speech_started" and item:
                await asyncio.sleep(delay)
                speaker.kill()
                pending.clear()
                speaker, item = player(), None
        for task in tasks:
            task.cancel()


asyncio.run(main())
