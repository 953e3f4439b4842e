"""The official SDK for Python."""

import asyncio
import base64
import json

from openai import AsyncOpenAI

from common import MODEL, PATIENCE_S, REQUEST, TOKEN, TOOL, URL, created, ok, speech


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
    return "".join(e.delta for e in seen if e.type == "response.output_text.delta")


async def say(connection, text):
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    await connection.conversation.item.create(item=item)
    await connection.response.create()
    return await until_done(connection)


async def text_turn(connection):
    await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
    text = text_of(await say(connection, "hello"))
    assert text
    ok("text", text)


async def audio_turn(connection):
    transcription = {"transcription": {"model": "gpt-4o-mini-transcribe"}}
    await connection.session.update(
        session={"type": "realtime", "output_modalities": ["audio"], "audio": {"input": transcription}}
    )
    for piece in speech():
        await connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())
    seen = await until_done(connection)
    heard = [e.transcript for e in seen if e.type == "conversation.item.input_audio_transcription.completed"]
    audio = sum(len(base64.b64decode(e.delta)) for e in seen if e.type == "response.output_audio.delta")
    assert heard and audio > 24000, (heard, audio)
    ok("audio", f"heard {heard}, answered with {audio / 48000:.1f} s of sound")


async def function_turn(connection):
    await connection.session.update(
        session={"type": "realtime", "output_modalities": ["text"], "tools": [TOOL], "tool_choice": "auto"}
    )
    done = (await say(connection, REQUEST))[-1]
    calls = [item for item in done.response.output if item.type == "function_call"]
    assert len(calls) == 1 and calls[0].name == "create_task", done
    arguments = json.loads(calls[0].arguments)
    output = json.dumps(created(**arguments))
    await connection.conversation.item.create(
        item={"type": "function_call_output", "call_id": calls[0].call_id, "output": output}
    )
    await connection.response.create()
    text = text_of(await until_done(connection))
    assert "water the plants" in text, text
    ok("function", f"{arguments} -> {text}")


async def transcription_turn(client):
    async with client.realtime.connect(extra_query={"intent": "transcription"}) as connection:
        first = await connection.recv()
        assert first.session.type == "transcription", first
        transcription = {"transcription": {"model": "gpt-4o-transcribe", "language": "en"}}
        await connection.session.update(session={"type": "transcription", "audio": {"input": transcription}})
        for piece in speech():
            await connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())
        async for event in connection:
            assert event.type != "error" and not event.type.startswith("response."), event
            if event.type == "conversation.item.input_audio_transcription.completed":
                assert "groceries" in event.transcript, event
                ok("transcription", f"heard {event.transcript!r}")
                return


async def main():
    client = AsyncOpenAI(api_key=TOKEN, websocket_base_url=URL.removesuffix("/realtime"))
    for turn in (text_turn, audio_turn, function_turn):
        async with client.realtime.connect(model=MODEL) as connection:
            first = await connection.recv()
            assert first.type == "session.created", first
            await asyncio.wait_for(turn(connection), PATIENCE_S)
    await asyncio.wait_for(transcription_turn(client), PATIENCE_S)


asyncio.run(main())
