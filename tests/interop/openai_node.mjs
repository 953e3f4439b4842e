// The official SDK for Node. It speaks nothing but TLS, so it gets the address of a front before the server.

import fs from 'node:fs';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';

const MODEL = 'gpt-realtime-2.1';
const PATIENCE_MS = 30_000;
const TOOL = {
  type: 'function',
  name: 'create_task',
  description: 'Create a task.',
  parameters: {
    type: 'object',
    properties: { title: { type: 'string' } },
    required: ['title'],
    additionalProperties: false,
  },
};

const client = new OpenAI({ apiKey: process.env.REALTIME_TOKEN, baseURL: process.env.REALTIME_TLS_URL });

// "Create a task to buy groceries" and a second of silence, in pieces of 100 ms.
function speech() {
  const sound = Buffer.concat([fs.readFileSync(process.env.REALTIME_SPEECH).subarray(44), Buffer.alloc(48_000)]);
  const pieces = [];
  for (let i = 0; i < sound.length; i += 4_800) pieces.push(sound.subarray(i, i + 4_800));
  return pieces;
}

// All events up to `response.done`, which is the last.
function untilDone(socket) {
  return new Promise((resolve, reject) => {
    const seen = [];
    setTimeout(() => reject(new Error(`no answer after ${seen.map((e) => e.type)}`)), PATIENCE_MS).unref();
    const note = (event) => {
      seen.push(event);
      if (event.type !== 'response.done') return;
      socket.off('event', note);
      if (event.response.status === 'completed') resolve(seen);
      else reject(new Error(JSON.stringify(event)));
    };
    socket.on('event', note);
    socket.on('error', reject);
  });
}

const joined = (seen, type) => seen.filter((e) => e.type === type).map((e) => e.delta).join('');

async function inSession(turn, address = { model: MODEL }) {
  const socket = new OpenAIRealtimeWS(address, client);
  await new Promise((resolve, reject) => {
    socket.on('session.created', resolve);
    socket.on('error', reject);
  });
  await turn(socket);
  socket.close();
}

function say(socket, text) {
  const content = [{ type: 'input_text', text }];
  socket.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
  socket.send({ type: 'response.create' });
  return untilDone(socket);
}

await inSession(async (socket) => {
  socket.send({ type: 'session.update', session: { type: 'realtime', output_modalities: ['text'] } });
  const text = joined(await say(socket, 'hello'), 'response.output_text.delta');
  if (!text) throw new Error('no text');
  console.log(`ok text turn: ${text}`);
});

await inSession(async (socket) => {
  const input = { transcription: { model: 'whisper-1' }, turn_detection: { type: 'semantic_vad', eagerness: 'high' } };
  socket.send({ type: 'session.update', session: { type: 'realtime', audio: { input } } });
  for (const piece of speech()) {
    socket.send({ type: 'input_audio_buffer.append', audio: piece.toString('base64') });
  }
  const seen = await untilDone(socket);
  const heard = seen.find((e) => e.type === 'conversation.item.input_audio_transcription.completed');
  const bytes = seen
    .filter((e) => e.type === 'response.output_audio.delta')
    .reduce((sum, e) => sum + Buffer.from(e.delta, 'base64').length, 0);
  if (!heard || bytes < 24_000) throw new Error(`${JSON.stringify(heard)}, ${bytes} bytes`);
  console.log(`ok audio turn: heard "${heard.transcript}", answered with ${(bytes / 48_000).toFixed(1)} s of sound`);
});

await inSession(async (socket) => {
  const session = { type: 'realtime', output_modalities: ['text'], tools: [TOOL], tool_choice: 'auto' };
  socket.send({ type: 'session.update', session });
  const done = (await say(socket, 'Create a task to water the plants')).at(-1);
  const [call] = done.response.output.filter((item) => item.type === 'function_call');
  const { title } = JSON.parse(call.arguments);
  const output = JSON.stringify({ ok: true, action: 'created', task: { number: 1, status: 'pending', title } });
  const item = { type: 'function_call_output', call_id: call.call_id, output };
  socket.send({ type: 'conversation.item.create', item });
  socket.send({ type: 'response.create' });
  const text = joined(await untilDone(socket), 'response.output_text.delta');
  if (!text.includes('water the plants')) throw new Error(text);
  console.log(`ok function turn: ${call.arguments} -> ${text}`);
});

await inSession(async (socket) => {
  const input = { transcription: { model: 'gpt-realtime-whisper', language: 'en' }, turn_detection: null };
  socket.send({ type: 'session.update', session: { type: 'transcription', audio: { input } } });
  for (const piece of speech()) {
    socket.send({ type: 'input_audio_buffer.append', audio: piece.toString('base64') });
  }
  socket.send({ type: 'input_audio_buffer.commit' });
  const transcript = await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('no transcript')), PATIENCE_MS).unref();
    socket.on('error', reject);
    socket.on('conversation.item.input_audio_transcription.completed', (event) => resolve(event.transcript));
  });
  if (!transcript.includes('groceries')) throw new Error(transcript);
  console.log(`ok transcription turn: heard "${transcript}"`);
}, { intent: 'transcription' });
