"""Eight clients at once, each asking `realtime-cli serve` for a long spoken answer: does sound ever come too late?

usage: clients.py PATH-OF-REALTIME-CLI [--clients N] [--answers N]

For each answer: how long until the first sound, how much sound it has, and its margin, which is the least that was
still unplayed when the next piece came, if a player had begun with the first. Below zero, a person hears a gap; then
the exit code is 1. Besides, the processor time of eight clients that are connected and say nothing.
"""

import argparse
import asyncio
import base64
import json
import os
import statistics
import sys
import time

import websockets

from serve import start_server

BYTES_PER_S = 48_000
IDLE_S = 10
TICKS = os.sysconf("SC_CLK_TCK")
WORDS = "one fine morning a small boat sailed down the long river past green hills and quiet towns to the sea"


def processor_s(pid):
    """User and system time of the process, in seconds."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Client:
    def __init__(self, url, token, number):
        self.url, self.token, self.number = url, token, number

    async def __aenter__(self):
        self.socket = await websockets.connect(
            self.url, additional_headers={"Authorization": f"Bearer {self.token}"}, max_size=None, compression=None
        )
        assert (await self.event())["type"] == "session.created"
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, **event):
        await self.socket.send(json.dumps(event))

    async def event(self):
        event = json.loads(await self.socket.recv())
        assert event["type"] != "error", event
        return event

    async def tell(self, **item):
        await self.send(type="conversation.item.create", item=item)

    async def answer(self):
        """Lets a list of tasks be read out. Returns first sound, length of sound and margin, in seconds."""
        text = [{"type": "input_text", "text": "list my tasks"}]
        await self.tell(type="message", role="user", content=text)
        call_id = f"call_{self.number}_{time.monotonic_ns()}"
        await self.tell(type="function_call", name="list_tasks", arguments="{}", call_id=call_id)
        tasks = [{"number": i, "title": f"number {i}: {WORDS}", "status": "pending"} for i in range(1, 6)]
        output = {"ok": True, "action": "listed", "count": len(tasks), "tasks": tasks}
        await self.tell(type="function_call_output", call_id=call_id, output=json.dumps(output))
        asked = time.monotonic()
        await self.send(type="response.create")
        first, sound, margin = None, 0.0, float("inf")
        while True:
            event = await self.event()
            now = time.monotonic()
            if event["type"] == "response.output_audio.delta":
                if first is None:
                    first = now
                else:
                    margin = min(margin, sound - (now - first))
                sound += len(base64.b64decode(event["delta"])) / BYTES_PER_S
            if event["type"] == "response.done":
                assert event["response"]["status"] == "completed", event
                return first - asked, sound, margin, now - asked


async def main(args):
    process, url, token = start_server(args.binary)
    try:
        clients = [await Client(url, token, i).__aenter__() for i in range(args.clients)]
        await asyncio.sleep(3)
        before = processor_s(process.pid)
        await asyncio.sleep(IDLE_S)
        idle = processor_s(process.pid) - before
        print(f"{args.clients} idle clients: {idle / IDLE_S:.1%} of a core over {IDLE_S} s")
        worst = float("inf")
        for _ in range(args.answers):
            before = processor_s(process.pid)
            results = await asyncio.gather(*(client.answer() for client in clients))
            used = processor_s(process.pid) - before
            first, sound, margin, whole = zip(*results)
            worst = min(worst, *margin)
            print(
                f"{args.clients} answers at once, {statistics.mean(sound):.0f} s of sound each: first sound after "
                f"{statistics.median(first) * 1000:.0f} ms (at most {max(first) * 1000:.0f}), all there after "
                f"{max(whole):.1f} s, least margin {min(margin) * 1000:.0f} ms, {used:.1f} s of processor in the server"
            )
        for client in clients:
            await client.__aexit__()
    finally:
        process.terminate()
        process.wait(10)
    print("no gaps" if worst >= 0 else f"gaps: sound came up to {-worst * 1000:.0f} ms too late")
    return 0 if worst >= 0 else 1


parser = argparse.ArgumentParser()
parser.add_argument("binary")
parser.add_argument("--clients", type=int, default=8)
parser.add_argument("--answers", type=int, default=3)
sys.exit(asyncio.run(main(parser.parse_args())))
