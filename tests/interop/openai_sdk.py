"""The official Python SDK, unmodified, against `realtime-cli serve`: a text, an audio and a function-call turn.

usage: openai_sdk.py PATH-OF-REALTIME-CLI
"""

import asyncio
import base64
import json
import os
import subprocess
import sys
import wave

from openai import AsyncOpenAI

HERE = os.path.dirname(os.path.abspath(__file__))
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


def start_server(binary):
    process = subprocess.Popen([binary, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    url = token = None
    for line in process.stdout:
        key, _, value = line.strip().partition(": ")
        if key == "url":
            url = value
        if key == "token":
            token = value
        if url and token:
            return process, url, token
    raise SystemExit("the server did not print its url and token")


async def until(connection, kind, seen):
    async for event in connection:
        seen.append(event)
        if event.type == "error":
            raise AssertionError(event)
        if event.type == kind:
            return event


async def text_turn(connection):
    await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
    await connection.conversation.item.create(
        item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
    )
    await connection.response.create()
    seen = []
    done = await until(connection, "response.done", seen)
    text = "".join(e.delta for e in seen if e.type == "response.output_text.delta")
    assert done.response.status == "completed" and text, done
    print("text turn:", text)


async def audio_turn(connection):
    await connection.session.update(
        session={
            "type": "realtime",
            "output_modalities": ["audio"],
            "audio": {"input": {"transcription": {"model": "whisper-1"}}},
        }
    )
    with wave.open(os.path.join(HERE, "../../assets/demo/buy-groceries.wav")) as file:
        sound = file.readframes(file.getnframes())
    sound += bytes(48000)
    for i in range(0, len(sound), 4800):
        await connection.input_audio_buffer.append(audio=base64.b64encode(sound[i : i + 4800]).decode())
    seen = []
    done = await until(connection, "response.done", seen)
    heard = [e.transcript for e in seen if e.type == "conversation.item.input_audio_transcription.completed"]
    audio = sum(len(base64.b64decode(e.delta)) for e in seen if e.type == "response.output_audio.delta")
    assert done.response.status == "completed" and audio > 24000, (done, audio)
    print(f"audio turn: heard {heard}, answered with {audio / 48000:.1f} s of sound")


async def function_turn(connection):
    await connection.session.update(
        session={"type": "realtime", "output_modalities": ["text"], "tools": [TOOL], "tool_choice": "auto"}
    )
    await connection.conversation.item.create(
        item={
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "Create a task to water the plants"}],
        }
    )
    await connection.response.create()
    done = await until(connection, "response.done", [])
    calls = [item for item in done.response.output if item.type == "function_call"]
    assert len(calls) == 1 and calls[0].name == "create_task", done
    arguments = json.loads(calls[0].arguments)
    result = {"ok": True, "action": "created", "task": {"number": 1, "status": "pending", **arguments}}
    await connection.conversation.item.create(
        item={"type": "function_call_output", "call_id": calls[0].call_id, "output": json.dumps(result)}
    )
    await connection.response.create()
    seen = []
    await until(connection, "response.done", seen)
    text = "".join(e.delta for e in seen if e.type == "response.output_text.delta")
    assert "water the plants" in text, text
    print("function turn:", arguments, "->", text)


async def main(binary):
    process, url, token = start_server(binary)
    try:
        client = AsyncOpenAI(api_key=token, websocket_base_url=url.removesuffix("/realtime"))
        for turn in (text_turn, audio_turn, function_turn):
            async with client.realtime.connect(model="gpt-realtime-2.1") as connection:
                first = await connection.recv()
                assert first.type == "session.created", first
                await asyncio.wait_for(turn(connection), 30)
        print("3 passed, 0 failed")
    finally:
        process.terminate()
        process.wait(10)


asyncio.run(main(sys.argv[1]))
