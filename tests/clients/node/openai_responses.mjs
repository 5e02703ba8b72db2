// The official `openai` client: responses.
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { LOOK, TIMEOUT, Trip, failure, serve } from "./loop.mjs";

const tools = [{ type: "function", name: "look", parameters: LOOK, strict: true }];
const client = ({ url, key, retries }) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: retries, timeout: TIMEOUT });
const fields = (asked) => ({ model: asked.model, instructions: "Be brief.", input: asked.says });
const used = (answer) => [answer.usage.input_tokens, answer.usage.output_tokens];
const callsOf = (answer) => answer.output.filter((item) => item.type === "function_call");
const called = (answer) => callsOf(answer).map((call) => [call.name, JSON.parse(call.arguments)]);
const resultsOf = (answer) =>
  callsOf(answer).map((call) => ({ type: "function_call_output", call_id: call.call_id, output: "42" }));

const plain = async (asked) => {
  const answer = await client(asked).responses.create(fields(asked));
  return { text: answer.output_text, finish: answer.status, usage: used(answer) };
};

const streamed = async (asked) => {
  const text = [];
  const stream = client(asked).responses.stream(fields(asked));
  for await (const event of stream) if (event.type === "response.output_text.delta") text.push(event.delta);
  const answer = await stream.finalResponse();
  return { text: text.join(""), pieces: text.length, finish: answer.status, usage: used(answer) };
};

await serve({
  plain,
  streamed,
  // With the whole conversation in the second request, as without storage.
  tool: async (asked) => {
    const create = (input) => client(asked).responses.create({ model: asked.model, input, tools, store: false });
    const input = [{ role: "user", content: asked.says }];
    const first = await create(input);
    const last = await create([...input, ...first.output, ...resultsOf(first)]);
    return { called: called(first), finish: first.status, text: last.output_text };
  },
  // With the stored answer's id in the second request.
  stored_tool: async (asked) => {
    const create = (more) => client(asked).responses.create({ model: asked.model, tools, ...more });
    const first = await create({ input: asked.says });
    const last = await create({ input: resultsOf(first), previous_response_id: first.id });
    return { called: called(first), finish: first.status, text: last.output_text };
  },
  streamed_tool: async (asked) => {
    const stream = client(asked).responses.stream({ model: asked.model, input: asked.says, tools });
    return { called: called(await stream.finalResponse()) };
  },
  // Without storage: the encrypted thoughts are in the second request.
  thoughts: async (asked) => {
    const { responses } = client(asked);
    const ways = [(given) => responses.create(given), (given) => responses.stream(given).finalResponse()];
    const given = { model: asked.model, tools, store: false, include: ["reasoning.encrypted_content"] };
    const asking = { ...given, reasoning: { effort: "high", summary: "auto" } };
    const input = [{ role: "user", content: asked.says }];
    const found = [];
    for (const create of ways) {
      const first = await create({ ...asking, input });
      const back = first.output.map(({ parsed_arguments, ...item }) => item);
      const last = await create({ ...asking, input: [...input, ...back, ...resultsOf(first)] });
      const thoughts = first.output.filter((item) => item.type === "reasoning").flatMap((item) => item.summary);
      found.push({ thought: thoughts.map((part) => part.text).join(""), called: called(first), text: last.output_text });
    }
    return found;
  },
  structured: async (asked) => {
    const text = { format: zodTextFormat(Trip, "trip") };
    return (await client(asked).responses.parse({ model: asked.model, input: asked.says, text })).output_parsed;
  },
  image: async (asked) => {
    const content = [{ type: "input_text", text: asked.says }, { type: "input_image", image_url: asked.dataUrl }];
    const answer = await client(asked).responses.create({ model: asked.model, input: [{ role: "user", content }] });
    return { text: answer.output_text };
  },
  error: (asked) => failure(() => plain(asked)),
  streamed_error: (asked) => failure(() => streamed(asked)),
  leave: async (asked) => {
    const stream = await client(asked).responses.create({ ...fields(asked), stream: true });
    for await (const event of stream) if (event.type === "response.output_text.delta") return { left: true };
    return { left: false };
  },
});
