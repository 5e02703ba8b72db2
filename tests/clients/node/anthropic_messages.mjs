// The official `@anthropic-ai/sdk` client.
import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { LOOK, TIMEOUT, Trip, failure, serve } from "./loop.mjs";

const tools = [{ name: "look", input_schema: LOOK }];
const client = ({ url, key, retries }) =>
  new Anthropic({ baseURL: url, apiKey: key, maxRetries: retries, timeout: TIMEOUT });
const fields = (asked) => ({
  model: asked.model, max_tokens: 1000, system: "Be brief.", messages: [{ role: "user", content: asked.says }],
});
const used = (answer) => [answer.usage.input_tokens, answer.usage.output_tokens];
const textOf = (answer) => answer.content.filter((block) => block.type === "text").map((block) => block.text).join("");
const callsOf = (answer) => answer.content.filter((block) => block.type === "tool_use");
const called = (answer) => callsOf(answer).map((block) => [block.name, block.input]);

const plain = async (asked) => {
  const answer = await client(asked).messages.create(fields(asked));
  return { text: textOf(answer), finish: answer.stop_reason, usage: used(answer) };
};

const streamed = async (asked) => {
  const text = [];
  const stream = client(asked).messages.stream(fields(asked));
  stream.on("text", (piece) => text.push(piece));
  const answer = await stream.finalMessage();
  return { text: text.join(""), pieces: text.length, finish: answer.stop_reason, usage: used(answer) };
};

await serve({
  plain,
  streamed,
  tool: async (asked) => {
    const first = await client(asked).messages.create({ ...fields(asked), tools });
    const results = callsOf(first).map((block) => ({ type: "tool_result", tool_use_id: block.id, content: "42" }));
    const turns = [{ role: "assistant", content: first.content }, { role: "user", content: results }];
    const messages = [...fields(asked).messages, ...turns];
    const last = await client(asked).messages.create({ ...fields(asked), messages, tools });
    return { called: called(first), finish: first.stop_reason, text: textOf(last) };
  },
  streamed_tool: async (asked) => {
    const stream = client(asked).messages.stream({ ...fields(asked), tools });
    return { called: called(await stream.finalMessage()) };
  },
  thoughts: async (asked) => {
    const { messages } = client(asked);
    const ways = [(given) => messages.create(given), (given) => messages.stream(given).finalMessage()];
    const found = [];
    for (const create of ways) {
      const asking = { ...fields(asked), tools, max_tokens: 4000, thinking: { type: "enabled", budget_tokens: 2000 } };
      const first = await create(asking);
      const results = callsOf(first).map((block) => ({ type: "tool_result", tool_use_id: block.id, content: "42" }));
      const turns = [{ role: "assistant", content: first.content }, { role: "user", content: results }];
      const last = await create({ ...asking, messages: [...asking.messages, ...turns] });
      const thought = first.content.filter((block) => block.type === "thinking").map((block) => block.thinking).join("");
      found.push({ thought, called: called(first), text: textOf(last) });
    }
    return found;
  },
  structured: async (asked) => {
    const output_config = { format: zodOutputFormat(Trip) };
    return (await client(asked).messages.parse({ ...fields(asked), output_config })).parsed_output;
  },
  image: async (asked) => {
    const source = { type: "base64", media_type: "image/png", data: asked.image };
    const content = [{ type: "text", text: asked.says }, { type: "image", source }];
    return { text: textOf(await client(asked).messages.create({ ...fields(asked), messages: [{ role: "user", content }] })) };
  },
  count: async (asked) => {
    const { max_tokens, ...counted } = fields(asked);
    return { input: (await client(asked).messages.countTokens(counted)).input_tokens };
  },
  error: (asked) => failure(() => plain(asked)),
  streamed_error: (asked) => failure(() => streamed(asked)),
  leave: async (asked) => {
    const stream = await client(asked).messages.create({ ...fields(asked), stream: true });
    for await (const event of stream) if (event.type === "content_block_delta") return { left: true };
    return { left: false };
  },
});
