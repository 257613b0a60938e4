package emulate

// streamResponse sends the response as typed events.
func (t *responseTurn) streamResponse(s generated, output []map[string]any) {
	e := &responseEvents{turn: t, out: t.x.open()}
	e.send("response.created", map[string]any{"response": t.started()})
	e.send("response.in_progress", map[string]any{"response": t.started()})
	for i, item := range output {
		switch item["type"] {
		case "message":
			e.message(i, item)
		case "function_call":
			e.call(i, item)
		default:
			e.item(i, item, item, nil)
		}
	}
	final := t.finished(s, output)
	e.send("response."+final["status"].(string), map[string]any{"response": final})
}

// A responseEvents sends the events of a stream.
type responseEvents struct {
	turn *responseTurn
	out  *stream
	n    int
}

func (e *responseEvents) send(kind string, fields map[string]any) {
	fields["type"], fields["sequence_number"] = kind, e.n
	e.n++
	e.out.event(kind, fields)
}

// item sends an item: as it is at first, what inner sends of it, then the whole.
func (e *responseEvents) item(i int, first, whole map[string]any, inner func()) {
	e.send("response.output_item.added", map[string]any{"output_index": i, "item": first})
	if inner != nil {
		inner()
	}
	e.send("response.output_item.done", map[string]any{"output_index": i, "item": whole})
}

// with returns a copy of an item with other fields.
func with(item, fields map[string]any) map[string]any {
	out := map[string]any{}
	for _, m := range []map[string]any{item, fields} {
		for name, v := range m {
			out[name] = v
		}
	}
	return out
}

// message sends a message with its text or refusal in pieces.
func (e *responseEvents) message(i int, item map[string]any) {
	part := item["content"].([]any)[0].(map[string]any)
	kind, field := "output_text", "text"
	if part["type"] == "refusal" {
		kind, field = "refusal", "refusal"
	}
	at := func(fields map[string]any) map[string]any {
		return with(map[string]any{"item_id": item["id"], "output_index": i, "content_index": 0}, fields)
	}
	text := func(fields map[string]any) map[string]any {
		if kind == "output_text" {
			fields["logprobs"] = []any{}
		}
		return at(fields)
	}
	e.item(i, with(item, map[string]any{"status": "in_progress", "content": []any{}}), item, func() {
		e.send("response.content_part.added", at(map[string]any{"part": with(part, map[string]any{field: ""})}))
		for _, piece := range e.turn.x.pieces(part[field].(string)) {
			e.send("response."+kind+".delta", text(map[string]any{"delta": piece}))
		}
		e.send("response."+kind+".done", text(map[string]any{field: part[field]}))
		e.send("response.content_part.done", at(map[string]any{"part": part}))
	})
}

// call sends a function call with its arguments in pieces.
func (e *responseEvents) call(i int, item map[string]any) {
	e.item(i, with(item, map[string]any{"status": "in_progress", "arguments": ""}), item, func() {
		for _, piece := range e.turn.x.pieces(item["arguments"].(string)) {
			e.send("response.function_call_arguments.delta", map[string]any{"item_id": item["id"], "output_index": i, "delta": piece})
		}
		e.send("response.function_call_arguments.done", map[string]any{"item_id": item["id"], "output_index": i, "name": item["name"], "arguments": item["arguments"]})
	})
}
