package apidoc

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/citewell/citewell/internal/problem"
)

// responses describes what an operation replies.
func (b *builder) responses(op Operation) Object {
	out := Object{}
	for _, r := range op.Replies {
		b.reply(response(out, cmp.Or(r.Status, http.StatusOK), r.Text), r)
	}
	kinds := map[int][]*problem.Kind{}
	for _, k := range op.Problems {
		kinds[k.Status] = append(kinds[k.Status], k)
	}
	for _, status := range slices.Sorted(maps.Keys(kinds)) {
		var codes, texts []string
		for _, k := range kinds[status] {
			codes, texts = append(codes, k.Code), append(texts, "`"+k.Code+"`: "+k.Text)
		}
		r := response(out, status, strings.Join(texts, "; "))
		addSchema(r, b.withCodes(Ref("Failure"), codes))
	}
	foreign := map[int][]Failure{}
	for _, f := range op.Foreign {
		foreign[f.Status] = append(foreign[f.Status], f)
	}
	for _, status := range slices.Sorted(maps.Keys(foreign)) {
		var codes []string
		for _, f := range foreign[status] {
			codes = append(codes, f.Code)
		}
		r := response(out, status, "`"+strings.Join(codes, "`, `")+"`")
		addSchema(r, b.withCodes(b.body(foreign[status][0].Body, false), codes))
	}
	return out
}

// A failure is the body of an error in the usual form.
type failure struct {
	Error     problem.Details `json:"error"`
	RequestID string          `json:"request_id"`
}

// withCodes restricts the code of an error to some.
func (b *builder) withCodes(form Object, codes []string) Object {
	return Object{"allOf": []any{form, Object{"properties": Object{"error": Object{"properties": Object{"code": Object{"enum": codes}}}}}}}
}

// response returns the response of a status, which it adds if there is none.
func response(responses Object, status int, text string) Object {
	key := strconv.Itoa(status)
	r, ok := responses[key].(Object)
	if !ok {
		headers := Object{"X-Request-ID": Object{"$ref": "#/components/headers/RequestID"}}
		r = Object{"description": cmp.Or(text, http.StatusText(status)), "headers": headers}
		responses[key] = r
		switch status {
		case http.StatusUnauthorized:
			header(r, "WWW-Authenticate", "the scheme of the key")
		case http.StatusServiceUnavailable, http.StatusTooManyRequests:
			header(r, "Retry-After", "seconds after which to try again")
		}
	} else if text != "" {
		r["description"] = fmt.Sprintf("%v; %s", r["description"], text)
	}
	return r
}

// addSchema adds a form that the JSON of a response may have.
func addSchema(r Object, form Object) {
	content, ok := r["content"].(Object)
	if !ok {
		r["content"] = Object{"application/json": Object{"schema": form}}
		return
	}
	media, _ := content["application/json"].(Object)
	if media == nil {
		content["application/json"] = Object{"schema": form}
		return
	}
	media["schema"] = Object{"anyOf": []any{media["schema"], form}}
}

func header(r Object, name, text string) {
	r["headers"].(Object)[name] = Object{"description": text, "schema": Object{"type": "string"}}
}

// reply adds one kind of success to a response.
func (b *builder) reply(r Object, of Reply) {
	for name, text := range of.Headers {
		header(r, name, text)
	}
	if of.Links != nil {
		r["links"] = of.Links
	}
	if of.Body == nil && of.Events == nil {
		return
	}
	media := Object{}
	if of.Events == nil {
		media["schema"] = b.body(of.Body, false)
	} else {
		media["schema"] = b.events(of.Events)
	}
	content, ok := r["content"].(Object)
	if !ok {
		content = Object{}
		r["content"] = content
	}
	content[cmp.Or(of.Type, "application/json")] = media
}

// events returns the schema of one event of a stream, as OpenAPI 3.2 describes events. For
// 3.1, that of a stream is by convention that of each of its events.
func (b *builder) events(events []Event) Object {
	var texts []string
	var names, rules []any
	for _, e := range events {
		of := Object{"contentMediaType": "application/json", "contentSchema": b.body(e.Body, false)}
		if e.Last != "" {
			of = Object{"if": Object{"const": e.Last}, "else": of}
		}
		is := Object{"properties": Object{"event": Object{"const": e.Name}}, "required": []string{"event"}}
		if e.Name == "" { // which is read as the event message
			is = Object{}
		} else {
			names = append(names, e.Name)
		}
		texts = append(texts, strings.TrimPrefix(fmt.Sprintf("`%s`: %s", e.Name, e.Text), "``: "))
		rules = append(rules, Object{"if": is, "then": Object{"properties": Object{"data": of}}})
	}
	event := Object{"type": "string"}
	if names != nil {
		event["enum"] = names
	}
	return Object{"type": "object", "description": "one event of the stream. " + strings.Join(texts, "; "),
		"required": []string{"data"}, "properties": Object{"event": event, "data": Object{"type": "string"}}, "allOf": rules}
}
