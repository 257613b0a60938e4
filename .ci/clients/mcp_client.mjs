// Uses the tools by the MCP package for TypeScript: BASE_URL, then the command of
// citewell mcp.
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [base, command, ...args] = process.argv.slice(2);
for (const [name, transport] of [
  ["HTTP", new StreamableHTTPClientTransport(new URL(base + "/mcp"))],
  ["stdio", new StdioClientTransport({ command, args, env: process.env, stderr: "ignore" })],
]) {
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(transport);
  const { tools } = await client.listTools();
  assert.equal(tools.length, 6);
  const answer = await client.callTool({ name: "ask_docs", arguments: { question: "What happens when I ingest a page twice?" } });
  const [citation] = answer.structuredContent.citations;
  assert.ok(citation.verified);
  const verified = await client.callTool({ name: "verify_quote", arguments: { quote: citation.quote } });
  assert.equal(verified.structuredContent.found, "yes");
  const sources = await client.callTool({ name: "list_sources", arguments: {} });
  assert.ok(sources.structuredContent.sources[0].pages > 5);
  await client.close();
  console.log(`MCP for TypeScript, ${name}: ok`);
}
