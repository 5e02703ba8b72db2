// The official `openai` client: chat completions.
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { LOOK, TIMEOUT, Trip, failure, serve } from "./loop.mjs";

const tools = [{ type: "function", function: { name: "look", parameters: LOOK, strict: true } }];
const client = ({ url, key, retries }) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: retries, timeout: TIMEOUT });
const says = (asked) => [{ role: "system", content: "Be brief." }, { role: "user", content: asked.says }];
const called = (message) => message.tool_calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]);

const plain = async (asked) => {
  const answer = await client(asked).chat.completions.create({ model: asked.model, messages: says(asked) });
  const [choice] = answer.choices;
  const usage = [answer.usage.prompt_tokens, answer.usage.completion_tokens];
  return { text: choice.message.content, finish: choice.finish_reason, usage };
};

const streamed = async (asked) => {
  const text = [];
  let usage, finish;
  for await (const chunk of await client(asked).chat.completions.create({
    model: asked.model, messages: says(asked), stream: true, stream_options: { include_usage: true },
  })) {
    if (chunk.usage) usage = [chunk.usage.prompt_tokens, chunk.usage.completion_tokens];
    finish = chunk.choices[0]?.finish_reason ?? finish;
    if (chunk.choices[0]?.delta?.content) text.push(chunk.choices[0].delta.content);
  }
  return { text: text.join(""), pieces: text.length, finish, usage };
};

await serve({
  plain,
  streamed,
  tool: async (asked) => {
    const create = (messages) => client(asked).chat.completions.create({ model: asked.model, messages, tools });
    const first = (await create(says(asked))).choices[0];
    const results = first.message.tool_calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: "42" }));
    const last = await create([...says(asked), first.message, ...results]);
    return { called: called(first.message), finish: first.finish_reason, text: last.choices[0].message.content };
  },
  streamed_tool: async (asked) => {
    const stream = client(asked).chat.completions.stream({ model: asked.model, messages: says(asked), tools });
    return { called: called(await stream.finalMessage()) };
  },
  structured: async (asked) => {
    const response_format = zodResponseFormat(Trip, "trip");
    const answer = await client(asked).chat.completions.parse({ model: asked.model, messages: says(asked), response_format });
    return answer.choices[0].message.parsed;
  },
  image: async (asked) => {
    const content = [{ type: "text", text: asked.says }, { type: "image_url", image_url: { url: asked.dataUrl } }];
    const answer = await client(asked).chat.completions.create({ model: asked.model, messages: [{ role: "user", content }] });
    return { text: answer.choices[0].message.content };
  },
  embeddings: async (asked) => {
    const answer = await client(asked).embeddings.create({ model: asked.model, input: ["a", "b"], dimensions: 4 });
    return answer.data.map((row) => row.embedding);
  },
  models: async (asked) => {
    const found = [];
    for await (const model of client(asked).models.list()) found.push(model.id);
    return found;
  },
  error: (asked) => failure(() => plain(asked)),
  streamed_error: (asked) => failure(() => streamed(asked)),
  leave: async (asked) => {
    const stream = await client(asked).chat.completions.create({ model: asked.model, messages: says(asked), stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) return { left: true };
    return { left: false };
  },
});
