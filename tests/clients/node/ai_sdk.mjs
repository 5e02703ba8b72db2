// Vercel's AI SDK: `@ai-sdk/openai` (chat, responses) or `@ai-sdk/anthropic` by the first argument.
import { Output, generateText, stepCountIs, streamText, tool } from "ai";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { z } from "zod";
import { Trip, failure, serve } from "./loop.mjs";

const [language] = process.argv.slice(2);
const model = ({ url, key, model }) => {
  const given = { baseURL: `${url}/v1`, apiKey: key };
  return language === "anthropic" ? createAnthropic(given)(model) : createOpenAI(given)[language](model);
};
const fields = (asked, more = {}) => ({
  model: model(asked), maxRetries: asked.retries, system: "Be brief.", prompt: asked.says, ...more,
});
const used = (usage) => [usage.inputTokens, usage.outputTokens];
const look = tool({ description: "Look something up.", inputSchema: z.object({ q: z.string() }), execute: () => "42" });
const loop = { tools: { look }, stopWhen: stepCountIs(3) };
const called = (steps) => steps.flatMap((step) => step.toolCalls.map((call) => [call.toolName, call.input]));

const plain = async (asked) => {
  const answer = await generateText(fields(asked));
  return { text: answer.text, finish: answer.finishReason, usage: used(answer.usage) };
};

// A stream's pieces, read to its end; what it says was wrong is thrown.
const read = async (asked, more = {}) => {
  const pieces = [];
  let failed;
  const answer = streamText(fields(asked, { ...more, onError: ({ error }) => { failed = error; } }));
  for await (const piece of answer.textStream) pieces.push(piece);
  if (failed) throw failed;
  return [answer, pieces];
};

const streamed = async (asked) => {
  const [answer, text] = await read(asked);
  return { text: text.join(""), pieces: text.length, finish: await answer.finishReason, usage: used(await answer.usage) };
};

await serve({
  plain,
  streamed,
  // The SDK's own loop: model, function, model.
  tool: async (asked) => {
    const answer = await generateText(fields(asked, loop));
    return { called: called(answer.steps), finish: answer.steps[0].finishReason, text: answer.text };
  },
  streamed_tool: async (asked) => {
    const [answer] = await read(asked, loop);
    return { called: called(await answer.steps), text: await answer.text };
  },
  structured: async (asked) => (await generateText(fields(asked, { output: Output.object({ schema: Trip }) }))).output,
  image: async (asked) => {
    const content = [{ type: "text", text: asked.says }, { type: "image", image: asked.image, mediaType: "image/png" }];
    return { text: (await generateText(fields(asked, { prompt: undefined, messages: [{ role: "user", content }] }))).text };
  },
  error: (asked) => failure(() => plain(asked)),
  streamed_error: (asked) => failure(() => streamed(asked)),
  leave: async (asked) => {
    const leaving = new AbortController();
    const answer = streamText(fields(asked, { abortSignal: leaving.signal, onError: () => {} }));
    for await (const piece of answer.textStream) {
      if (piece) {
        leaving.abort();
        return { left: true };
      }
    }
    return { left: false };
  },
});
