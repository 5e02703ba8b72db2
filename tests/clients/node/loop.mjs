// What every client program shares: it is asked one thing after another in lines of JSON, and answers each in one.
// A line asks for a `feature`; the program's function of that name gets the rest of it.
import readline from "node:readline";
import { z } from "zod";

export const Trip = z.object({ city: z.string(), days: z.number().int() });
export const LOOK = {
  type: "object",
  properties: { q: { type: "string", description: "what to look for" } },
  required: ["q"],
  additionalProperties: false,
};
export const TIMEOUT = 60_000;

// The class of what `call` throws, and the HTTP status that the client puts in it.
export const failure = async (call) => {
  try {
    await call();
    return ["nothing raised", null];
  } catch (error) {
    return [error.name === "Error" ? error.constructor.name : error.name, error.status ?? error.statusCode ?? null];
  }
};

export const serve = async (features) => {
  const lines = readline.createInterface({ input: process.stdin });
  for await (const line of lines) {
    const { feature, ...asked } = JSON.parse(line);
    asked.dataUrl = `data:image/png;base64,${asked.image}`;
    let said;
    try {
      said = { answer: await features[feature](asked) };
    } catch (error) {
      said = { raised: `${error.stack ?? error}` };
    }
    console.log(JSON.stringify(said));
  }
};
