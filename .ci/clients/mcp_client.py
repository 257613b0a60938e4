"""Uses the tools by the MCP package for Python: BASE_URL, then the command of citewell mcp."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

base, command, *args = sys.argv[1:]


async def use(name, streams):
    async with ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert set(tools) == {"ask_docs", "fetch", "list_sources", "read_page", "search", "verify_quote"}, tools
        assert all(tool.annotations.read_only_hint for tool in tools.values())
        found = await session.call_tool("search", {"query": "What happens when I ingest a page twice?"})
        assert len(found.content) == 1, found
        results = json.loads(found.content[0].text)["results"]
        assert results and {"id", "title", "url"} <= set(results[0]), results
        page = json.loads((await session.call_tool("fetch", {"id": results[0]["id"]})).content[0].text)
        assert {"id", "title", "text", "url", "metadata"} <= set(page) and len(page["text"]) > 100, page
        answer = await session.call_tool("ask_docs", {"question": "What happens when I ingest a page twice?"})
        citation = answer.structured_content["citations"][0]
        assert "**Sources**" in answer.content[0].text and citation["verified"], answer
        quote = {"quote": citation["quote"], "url": citation["link"]}
        assert (await session.call_tool("verify_quote", quote)).structured_content["found"] == "yes", quote
        quote["quote"] = "Citewell bakes bread at night."
        assert (await session.call_tool("verify_quote", quote)).structured_content["found"] == "no", quote
        missing = await session.call_tool("read_page", {"url": "https://none.example/"})
        assert missing.is_error and "search" in missing.content[0].text, missing
    print(f"MCP for Python, {name}: ok")


async def main():
    async with streamable_http_client(base + "/mcp") as streams:
        await use("HTTP", streams)
    async with stdio_client(StdioServerParameters(command=command, args=args)) as streams:
        await use("stdio", streams)


asyncio.run(main())
