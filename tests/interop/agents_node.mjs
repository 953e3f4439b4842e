// The agents SDK for Node: an agent with a tool, in a session over WebSocket.

import fs from 'node:fs';
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { z } from 'zod';

const MODEL = 'gpt-realtime-2.1';
const PATIENCE_MS = 30_000;

let titles = [];
const createTask = tool({
  name: 'create_task',
  description: 'Create a task.',
  parameters: z.object({ title: z.string() }),
  execute: async ({ title }) => {
    titles.push(title);
    return JSON.stringify({ ok: true, action: 'created', task: { number: 1, status: 'pending', title } });
  },
});
const agent = new RealtimeAgent({ name: 'Assistant', instructions: 'You keep a list of tasks.', tools: [createTask] });

// "Create a task to buy groceries" and a second of silence, in pieces of 100 ms.
function speech() {
  const sound = Buffer.concat([fs.readFileSync(process.env.REALTIME_SPEECH).subarray(44), Buffer.alloc(48_000)]);
  const pieces = [];
  for (let i = 0; i < sound.length; i += 4_800) pieces.push(new Uint8Array(sound.subarray(i, i + 4_800)).buffer);
  return pieces;
}

async function inSession(config, turn) {
  const session = new RealtimeSession(agent, { transport: new OpenAIRealtimeWebSocket(), model: MODEL, config });
  const failed = new Promise((_, reject) => {
    session.on('error', (error) => reject(new Error(JSON.stringify(error))));
    setTimeout(() => reject(new Error('no answer')), PATIENCE_MS).unref();
  });
  const url = `${process.env.REALTIME_URL}?model=${MODEL}`;
  const run = async () => {
    await session.connect({ apiKey: process.env.REALTIME_TOKEN, url });
    await turn(session);
  };
  await Promise.race([run(), failed]);
  session.close();
}

// The texts of the answers, one promise each.
function nextAnswer(session) {
  return new Promise((resolve) => session.once('agent_end', (_context, _agent, text) => resolve(text)));
}

await inSession({ outputModalities: ['text'] }, async (session) => {
  session.sendMessage('hello');
  const text = await nextAnswer(session);
  if (!text) throw new Error('no text');
  console.log(`ok text turn: ${text}`);
});

await inSession({}, async (session) => {
  let bytes = 0;
  session.on('audio', (event) => (bytes += event.data.byteLength));
  for (const piece of speech()) session.sendAudio(piece);
  // What is heard becomes a call before it is answered.
  while (bytes === 0) await nextAnswer(session);
  if (titles.length !== 1) throw new Error(`understood ${titles}`);
  console.log(`ok audio turn: heard a request for "${titles}", answered with ${(bytes / 48_000).toFixed(1)} s of sound`);
});

titles = [];
await inSession({ outputModalities: ['text'] }, async (session) => {
  session.sendMessage('Create a task to water the plants');
  let text = '';
  while (!text) text = await nextAnswer(session);
  if (titles.length !== 1 || !text.toLowerCase().includes('water the plants')) throw new Error(`${titles}: ${text}`);
  console.log(`ok function turn: ${titles} -> ${text}`);
});
