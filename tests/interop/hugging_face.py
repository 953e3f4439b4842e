"""Hugging Face's `speech-to-speech` as a server for `servers.py`: its own pipeline, protocol and HTTP clients,
unmodified, with small engines in place of models.

usage: hugging_face.py PORT

torch and transformers are some gigabytes, and the models more: a voice detector by loudness stands in for the one that
needs them, and the three endpoints that the server asks for words, answers and speech are in this process.
"""

import json
import logging
import math
import re
import struct
import sys
import threading
import types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event

import nltk
import numpy

HEARD = "Create a task to buy groceries"
SPEECH_RATE = 24000


class Tensor(numpy.ndarray):
    """As much of torch's as the voice detector's loop needs."""

    def dim(self):
        return self.ndim

    def cpu(self):
        return self

    def numpy(self):
        return numpy.asarray(self)


class Loudness:
    def __call__(self, samples, _rate):
        return numpy.float32(1.0 if numpy.sqrt(numpy.mean(numpy.square(samples))) > 0.01 else 0.0)

    def reset_states(self):
        pass


def stand_in():
    """What is too heavy to install, and data that would be downloaded."""
    torch = types.ModuleType("torch")
    torch.Tensor = Tensor
    torch.from_numpy = lambda array: array.view(Tensor)
    torch.is_tensor = lambda it: isinstance(it, Tensor)
    torch.cat = lambda tensors: numpy.concatenate(tensors).view(Tensor)
    torch.no_grad = lambda: lambda function: function
    torch.set_num_threads = lambda count: None
    torch.hub = types.SimpleNamespace(load=lambda *_, **__: (Loudness(), None))
    transformers = types.ModuleType("transformers")
    transformers.HfArgumentParser = object
    sys.modules |= {"torch": torch, "transformers": transformers}
    nltk.data.find = lambda *_: True
    nltk.sent_tokenize = lambda text, *_: re.findall(r"\S[^.!?]*[.!?]*", text) or [text]


def answer(request):
    """A chat model that creates a task when it is asked to, and tells what came of it."""
    last = request["messages"][-1]
    text = last["content"]
    if isinstance(text, list):
        text = " ".join(part.get("text", "") for part in text)
    if last["role"] == "tool":
        return {"content": f"Done: {'created' if 'created' in text else text}."}
    wanted = re.search(r"task to ([\w ]+)", text)
    if wanted and request.get("tools"):
        call = {"name": "create_task", "arguments": json.dumps({"title": wanted[1].strip()})}
        return {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": call}]}
    return {"content": "Hello there. How can I help?"}


class Engines(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/audio/transcriptions"):
            return self.send("application/json", json.dumps({"text": HEARD}).encode())
        if self.path.endswith("/audio/speech"):
            return self.send("audio/pcm", tone(len(json.loads(body)["input"]) * 0.05))
        delta, reason = answer(json.loads(body)), "stop"
        if "tool_calls" in delta:
            reason = "tool_calls"
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        events = [
            chunk | {"choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": None}]},
            chunk | {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]},
            chunk | {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}},
        ]
        text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
        return self.send("text/event-stream", text.encode())

    def send(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def tone(seconds):
    samples = (int(8000 * math.sin(i * 0.06)) for i in range(int(seconds * SPEECH_RATE)))
    return b"".join(struct.pack("<h", sample) for sample in samples)


def main():
    stand_in()
    logging.basicConfig(level=logging.INFO)
    engines = ThreadingHTTPServer(("127.0.0.1", 0), Engines)
    threading.Thread(target=engines.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{engines.server_port}/v1"

    from speech_to_speech import s2s_pipeline as pipeline
    from speech_to_speech.arguments_classes.chat_completions_language_model_arguments import (
        ChatCompletionsLanguageModelHandlerArguments as Chat,
    )
    from speech_to_speech.arguments_classes.openai_stt_arguments import OpenAICompatibleSTTHandlerArguments as Ears
    from speech_to_speech.arguments_classes.openai_tts_arguments import OpenAICompatibleTTSHandlerArguments as Voice
    from speech_to_speech.backend_registry import LLM_BACKENDS, STT_BACKENDS, TTS_BACKENDS, BackendSelection

    def backend(spec, arguments):
        return BackendSelection(spec, spec.normalize(arguments))

    arguments = pipeline.ParsedArguments(
        module_kwargs=pipeline.ModuleArguments(
            stt="openai", llm_backend="chat-completions", tts="openai", enable_live_transcription=False
        ),
        realtime_server_kwargs=pipeline.RealtimeServerArguments(port=int(sys.argv[1])),
        local_audio_kwargs=pipeline.LocalAudioArguments(),
        vad_handler_kwargs=pipeline.VADHandlerArguments(smart_turn=False),
        stt_backend=backend(STT_BACKENDS["openai"], Ears(openai_stt_base_url=url)),
        llm_backend=backend(
            LLM_BACKENDS["chat-completions"],
            Chat(model_name="m", responses_api_base_url=url, responses_api_api_key="none", responses_api_stream=True),
        ),
        tts_backend=backend(TTS_BACKENDS["openai"], Voice(openai_tts_base_url=url, openai_tts_sample_rate=SPEECH_RATE)),
    )
    pipeline.build_pipeline(arguments, Event()).start()


main()
