"""The official SDK for Python as it was when the protocol was in beta, with its own event names and flat sessions."""

import asyncio
import base64
import json

from openai import AsyncOpenAI

from common import PATIENCE_S, REQUEST, TOKEN, TOOL, URL, created, ok, speech


async def until_done(connection):
    """All events up to `response.done`, which is the last."""
    seen = []
    async for event in connection:
        assert event.type != "error", event
        seen.append(event)
        if event.type == "response.done":
            assert event.response.status == "completed", event
            return seen


def text_of(seen):
    return "".join(e.delta for e in seen if e.type == "response.text.delta")


async def say(connection, text):
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    await connection.conversation.item.create(item=item)
    await connection.response.create()
    return await until_done(connection)


async def text_turn(connection):
    await connection.session.update(session={"modalities": ["text"], "temperature": 0.8})
    seen = await say(connection, "hello")
    assert any(e.type == "conversation.item.created" for e in seen), seen
    text = text_of(seen)
    assert text
    ok("text", text)


async def audio_turn(connection):
    await connection.session.update(
        session={
            "modalities": ["text", "audio"],
            "voice": "alloy",
            "input_audio_format": "pcm16",
            "output_audio_format": "pcm16",
            "input_audio_transcription": {"model": "whisper-1"},
            "turn_detection": {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 500},
        }
    )
    for piece in speech():
        await connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())
    seen = await until_done(connection)
    heard = [e.transcript for e in seen if e.type == "conversation.item.input_audio_transcription.completed"]
    audio = sum(len(base64.b64decode(e.delta)) for e in seen if e.type == "response.audio.delta")
    said = "".join(e.delta for e in seen if e.type == "response.audio_transcript.delta")
    assert heard and audio > 24000 and said, (heard, audio, said)
    ok("audio", f"heard {heard}, answered with {audio / 48000:.1f} s of sound")


async def function_turn(connection):
    await connection.session.update(session={"modalities": ["text"], "tools": [TOOL], "tool_choice": "auto"})
    done = (await say(connection, REQUEST))[-1]
    calls = [item for item in done.response.output if item.type == "function_call"]
    assert len(calls) == 1 and calls[0].name == "create_task", done
    arguments = json.loads(calls[0].arguments)
    output = json.dumps(created(**arguments))
    await connection.conversation.item.create(
        item={"type": "function_call_output", "call_id": calls[0].call_id, "output": output}
    )
    await connection.response.create(response={"modalities": ["text"], "max_response_output_tokens": 200})
    text = text_of(await until_done(connection))
    assert "water the plants" in text, text
    ok("function", f"{arguments} -> {text}")


async def main():
    client = AsyncOpenAI(api_key=TOKEN, websocket_base_url=URL.removesuffix("/realtime"))
    for turn in (text_turn, audio_turn, function_turn):
        async with client.beta.realtime.connect(model="gpt-4o-realtime-preview") as connection:
            first = await connection.recv()
            assert first.type == "session.created", first
            await asyncio.wait_for(turn(connection), PATIENCE_S)


asyncio.run(main())
