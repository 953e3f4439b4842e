"""The agents SDK for Python: an agent with a function tool, run by its realtime runner."""

import asyncio
import json

from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner

from common import MODEL, PATIENCE_S, REQUEST, TOKEN, URL, created, ok, speech

titles = []


@function_tool
def create_task(title: str) -> str:
    """Create a task."""
    titles.append(title)
    return json.dumps(created(title))


AGENT = RealtimeAgent(name="Assistant", instructions="You keep a list of tasks.", tools=[create_task])


def session(settings):
    """One with its defaults, but for `settings`."""
    runner = RealtimeRunner(AGENT)
    return runner.run(
        model_config={
            "url": f"{URL}?model={MODEL}",
            "api_key": TOKEN,
            "initial_model_settings": {"model_name": MODEL, **settings},
        }
    )


async def until_turn_ends(session):
    """The turn's sound in bytes, and its raw events."""
    sound, raw = 0, []
    async for event in session:
        assert event.type not in ("error", "guardrail_tripped"), event
        if event.type == "audio":
            sound += len(event.audio.data)
        if event.type == "raw_model_event":
            data = event.data
            if data.type == "raw_server_event":
                raw.append(data.data)
            assert data.type not in ("error", "exception"), data
        if event.type == "agent_end":
            return sound, raw


async def text_turn():
    async with await session({"output_modalities": ["text"]}) as running:
        await running.send_message("hello")
        _, raw = await until_turn_ends(running)
        text = "".join(e["delta"] for e in raw if e["type"] == "response.output_text.delta")
        assert text, raw
        ok("text", text)


async def audio_turn():
    """Functions are at hand, so what is heard becomes a call before it is answered."""
    async with await session({}) as running:
        for piece in speech():
            await running.send_audio(piece)
        sound = 0
        while not sound:
            sound, raw = await until_turn_ends(running)
        assert titles, "nothing was understood"
        ok("audio", f"heard a request for {titles}, answered with {sound / 48000:.1f} s of sound")


async def function_turn():
    titles.clear()
    async with await session({"output_modalities": ["text"]}) as running:
        await running.send_message(REQUEST)
        text = ""
        while not text:
            _, raw = await until_turn_ends(running)
            text = "".join(e["delta"] for e in raw if e["type"] == "response.output_text.delta")
        assert len(titles) == 1 and titles[0].lower() == "water the plants", titles
        assert "water the plants" in text.lower(), text
        ok("function", f"{titles} -> {text}")


async def main():
    for turn in (text_turn, audio_turn, function_turn):
        await asyncio.wait_for(turn(), PATIENCE_S)


asyncio.run(main())
