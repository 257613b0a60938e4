package llmtest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed schema/responses.json
var ownResponsesSchema []byte

// responseForms are the kinds of bodies of the Responses API.
var responseForms = [3]form{
	{own: "responsesRequest", openAI: "CreateResponse", since31: true},
	{own: "responsesResponse", openAI: "Response", since31: true},
	{own: "responsesEvent", openAI: "ResponseStreamEvent", since31: true},
}

// sequenceError returns an error if the events of a stream are not numbered in
// order, or do not begin and end as the API's do.
func sequenceError(events []string) error {
	var kinds []string
	for i, data := range events {
		var e struct {
			Type           string `json:"type"`
			SequenceNumber int    `json:"sequence_number"`
		}
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return err
		}
		if e.SequenceNumber != i {
			return fmt.Errorf("event %d has the number %d", i, e.SequenceNumber)
		}
		kinds = append(kinds, e.Type)
	}
	if len(kinds) < 2 || kinds[0] != "response.created" || !strings.Contains("response.completed response.incomplete response.failed error", kinds[len(kinds)-1]) {
		return fmt.Errorf("the stream has the events %s", strings.Join(kinds, ", "))
	}
	return nil
}
