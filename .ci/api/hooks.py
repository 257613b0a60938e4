"""What schemathesis can't know of the API, and what becomes of its requests."""

import atexit
import json
import os
import re
from collections import Counter

import schemathesis

statuses = Counter()
reached = set()
answers = []  # request ids of answers
pages = []  # addresses of the texts of pages
keys = []  # names of keys
calls = 0


def is_address(text):
    return isinstance(text, str) and text.startswith("http")


# What is white space to Unicode: Python's own strip takes more.
SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def is_question(content):
    texts = [p.get("text") for p in content if isinstance(p, dict)] if isinstance(content, list) else [content]
    return bool(texts) and all(isinstance(t, str) and t.strip(SPACE) for t in texts)


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Puts the question at the end of a conversation, since no schema says what the last
    element is, and takes from filters what no schema excludes; sends no job to a host, but
    to an address that is refused; and in three of four requests fills in what exists here."""
    global calls
    calls += 1
    path, body = case.operation.path, case.body
    for holder in (body, body.get("x_citewell")) if isinstance(body, dict) else ():
        chosen = holder.get("filter") if isinstance(holder, dict) else None
        for name in ("source", "url_prefix"):
            if isinstance(chosen, dict) and isinstance(chosen.get(name), str):
                chosen[name] = "".join(c for c in chosen[name] if c.isprintable() or ord(c) < 0xA0)
    for name in ("messages", "input"):
        messages = body.get(name) if isinstance(body, dict) else None
        if isinstance(messages, list) and all(isinstance(m, dict) for m in messages):
            messages.sort(key=lambda m: m.get("role") == "user" and 1 + is_question(m.get("content")))
    if path == "/v1/ingest" and isinstance(body, dict) and isinstance(body.get("targets"), list):
        body["targets"] = ["http://127.0.0.1:9/" if is_address(t) else t for t in body["targets"]]
    if path == "/mcp" or calls % 4 == 0:
        return
    if (path, case.method) in (("/v1/ask", "POST"), ("/v1/ingest/{id}", "GET")) and case.headers is not None:
        case.headers["Accept"] = "text/event-stream"
    if path == "/v1/feedback" and isinstance(body, dict) and answers and re.fullmatch(r"[\w.-]{1,64}", str(body.get("request_id", "")), re.A):
        body["request_id"] = answers[-1]
    if path == "/p/{page}" and pages:
        case.path_parameters["page"] = pages[calls % len(pages)]
    if path == "/admin/keys" and isinstance(body, dict) and re.fullmatch(r"[\w.-]{1,64}", str(body.get("name", "")), re.A):
        body["name"] = f"key-{calls}"
    if path == "/admin/rotate" and isinstance(body, dict) and isinstance(body.get("name"), str) and keys:
        body["name"] = keys[-1]
    if path == "/admin/keys/{id}" and keys:
        case.path_parameters["id"] = keys.pop()


@schemathesis.hook
def after_call(ctx, case, response):
    statuses[response.status_code] += 1
    reached.add(f"{case.operation.method.upper()} {case.operation.path}")
    if response.status_code != 200:
        return
    if case.operation.path == "/v1/ask" and response.headers["content-type"][0].startswith("application/json"):
        answers.append(response.json()["request_id"])
    if case.operation.path == "/admin/keys" and case.method == "POST":
        keys.append(response.json()["name"])
    if case.operation.path == "/llms.txt":
        pages[:] = re.findall(r"\(p/([\w-]+\.md)\)", response.text)


@atexit.register
def report():
    total = sum(statuses.values())
    good = sum(n for status, n in statuses.items() if status < 300)
    with open(os.environ["REPORT"], "w") as f:
        json.dump({"requests": total, "answered_2xx": good / max(total, 1), "statuses": dict(sorted(statuses.items())), "reached": sorted(reached)}, f)
