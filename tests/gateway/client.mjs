// The official `openai` Node client, unmodified. Prints one JSON object of results; the test judges them.
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const say = (content) => [{ role: "user", content }];
const tools = [{ type: "function", function: { name: "look", parameters: { type: "object", properties: { q: { type: "string" } } } } }];
const results = {};

const failure = async (model, text, options = {}) => {
  try {
    await client.chat.completions.create({ model, messages: say(text) }, options);
    return "no error";
  } catch (error) {
    return [error.constructor.name, error.status ?? null];
  }
};

const plain = await client.chat.completions.create({ model: "plain", messages: say("hello"), vendor_field: 1 });
results.plain = [plain.choices[0].message.content, plain.usage.total_tokens, plain.scripted];

let streamed = "", usage = null, chunks = 0;
for await (const chunk of await client.chat.completions.create({
  model: "plain", messages: say("scripted:split=5,text=naïve 東京"), stream: true, stream_options: { include_usage: true },
})) {
  streamed += chunk.choices[0]?.delta?.content ?? "";
  usage = chunk.usage ?? usage;
  chunks += 1;
}
results.stream = [streamed, usage.completion_tokens, chunks];

const called = await client.chat.completions.create({ model: "plain", messages: say("scripted:tool=look"), tools });
const call = called.choices[0].message.tool_calls[0].function;
results.tool = [call.name, JSON.parse(call.arguments)];

const runner = client.chat.completions.stream({ model: "plain", messages: say("scripted:tool=look"), tools });
results.streamedTool = JSON.parse((await runner.finalMessage()).tool_calls[0].function.arguments);

const schema = { type: "object", properties: { city: { type: "string" } } };
const formed = await client.chat.completions.create({
  model: "plain", messages: say("hello"), response_format: { type: "json_schema", json_schema: { name: "trip", schema } },
});
results.schema = JSON.parse(formed.choices[0].message.content);

const several = await client.chat.completions.create({ model: "plain", messages: say("scripted:text=a b c"), n: 2, stop: ["c"] });
results.several = several.choices.map((choice) => choice.message.content);

const embedded = await client.embeddings.create({ model: "scripted/scripted-embedding", input: ["a", "b"], dimensions: 4 });
results.embeddings = embedded.data.map((row) => row.embedding.length);

results.models = [];
for await (const model of client.models.list()) results.models.push(model.id);

results.errors = {
  badKey: await failure("plain", "hello", { headers: { authorization: "Bearer sk-or-0000000000000000-wrong" } }),
  unknownModel: await failure("plian", "hello"),
  limited: await failure("once", "scripted:status=429"),
  broken: await failure("once", "scripted:html"),
  slow: await failure("hasty", "scripted:delay=30"),
};

const retried = await client.chat.completions.create(
  { model: "once", messages: say("scripted:fail-times=1,status=429,retry-after=0,key=node") }, { maxRetries: 1 });
results.retried = retried.choices.length;

const endless = await client.chat.completions.create({ model: "plain", messages: say("scripted:endless,gap=0.01"), stream: true });
for await (const chunk of endless) if (chunk.choices[0].delta.content) break;  // leaving the loop aborts the request

console.log(JSON.stringify(results));
