// Asks a server by OpenAI's own package for Node and by the AI SDK: BASE_URL as the only
// argument.
import assert from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";
import OpenAI from "openai";

const baseURL = process.argv[2] + "/v1";
const question = "What happens when I ingest a page twice?";
const messages = [{ role: "user", content: question }];

const client = new OpenAI({ baseURL, apiKey: "any", maxRetries: 0 });
const whole = await client.chat.completions.create({ model: "citewell", messages });
const { content, annotations } = whole.choices[0].message;
assert.match(content, /\*\*Sources\*\*/);
assert.ok(annotations.length > 0);
for (const { url_citation: c } of annotations) {
  assert.match([...content].slice(c.start_index, c.end_index).join(""), /^\[\d+\]$/);
}
let text = "";
for await (const chunk of await client.chat.completions.create({ model: "citewell", messages, stream: true })) {
  text += chunk.choices[0]?.delta?.content ?? "";
}
assert.match(text, /\*\*Sources\*\*/);
const response = await client.responses.create({ model: "citewell", input: question });
assert.match(response.output_text, /\*\*Sources\*\*/);
await assert.rejects(client.chat.completions.create({ model: "citewell", messages, n: 2 }), { param: "n" });
console.log("openai for Node: ok");

for (const [name, model] of [
  ["chat completions", createOpenAICompatible({ name: "citewell", baseURL })("citewell")],
  ["responses", createOpenAI({ baseURL, apiKey: "any" }).responses("citewell")],
]) {
  const generated = await generateText({ model, prompt: question });
  assert.match(generated.text, /\*\*Sources\*\*/, name);
  let streamed = "";
  for await (const piece of streamText({ model, prompt: question, onError: ({ error }) => { throw error; } }).textStream) streamed += piece;
  assert.equal(streamed, generated.text, name);
  console.log(`AI SDK, ${name}: ok`);
}
