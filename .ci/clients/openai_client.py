"""Asks a server by OpenAI's own package for Python: BASE_URL as the only argument."""

import sys

from openai import NotFoundError, OpenAI

client = OpenAI(base_url=sys.argv[1] + "/v1", api_key="any", max_retries=0)
names = [model.id for model in client.models.list()]
assert len(names) >= 2 and all(name.startswith("citewell/") for name in names), names
messages = [
    {"role": "system", "content": "You are a pirate."},
    {"role": "user", "content": "What happens when I ingest a page twice?"},
]


def check(text, annotations):
    """The text has a list of sources, and each annotation covers the number of a citation."""
    assert "**Sources**" in text, text
    assert annotations, text
    for a in annotations:
        assert text[a.start_index : a.end_index] in {f"[{n}]" for n in range(1, 20)}, (text, a)
        assert a.url.startswith("http") and a.title, a


whole = client.chat.completions.create(model="citewell", messages=messages)
check(whole.choices[0].message.content, [a.url_citation for a in whole.choices[0].message.annotations])
assert whole.usage.total_tokens > 0, whole.usage

text, usage, finish = "", None, None
again = [{"role": "user", "content": "What happens if I ingest a page twice?"}]  # in other words: no answer that is there
for chunk in client.chat.completions.create(
    model="citewell", messages=again, stream=True, stream_options={"include_usage": True}
):
    usage = chunk.usage or usage
    for choice in chunk.choices:
        text += choice.delta.content or ""
        finish = choice.finish_reason or finish
assert "**Sources**" in text and usage.total_tokens > 0 and finish == "stop", (text, usage, finish)

own = client.chat.completions.create(model="citewell:extractive", messages=messages, extra_body={"x_citewell": True})
assert own.x_citewell["answered"] and own.x_citewell["citations"][0]["verified"], own
assert "Sources" not in own.choices[0].message.content

response = client.responses.create(model="citewell", input="What happens when I ingest a page twice?")
check(response.output_text, response.output[0].content[0].annotations)
with client.responses.stream(model="citewell", input="What happens when I ingest a page twice?") as stream:
    types = [event.type for event in stream]
    assert "response.output_text.delta" in types and types[-1] == "response.completed", types
    assert stream.get_final_response().output_text == response.output_text

try:
    client.chat.completions.create(model="gpt-4o", messages=messages)
    raise SystemExit("an unknown model is answered")
except NotFoundError as e:
    assert e.code == "model_not_found", e
print("openai for Python: ok")
