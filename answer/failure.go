package answer

import (
	"context"
	"errors"

	"github.com/citewell/citewell/answer/llm"
)

// truncation reports whether the model's text was cut off, and returns a
// warning that says why.
func truncation(resp llm.Response, failed bool, err error) (bool, string) {
	why := ""
	switch {
	case failed && resp.Refusal != "":
		why = "the model declined to continue"
	case failed && errors.Is(err, context.DeadlineExceeded):
		why = "the model did not finish in time"
	case failed, resp.FinishReason == "cut":
		why = "the connection to the model was lost"
	case resp.FinishReason == "length":
		why = "the model reached its output limit (--max-output raises it)"
	case resp.FinishReason == "content_filter":
		why = "the provider's content filter blocked the rest"
	default:
		return false, ""
	}
	return true, why + "; the answer is incomplete"
}

// failureWarning returns why the model did not answer. The error itself may
// name hosts; it is logged, not shown.
func failureWarning(resp llm.Response, err error) string {
	switch {
	case resp.Refusal != "":
		return "the model declined to answer"
	case errors.Is(err, llm.ErrNoText) && resp.FinishReason == "length":
		return "the model used up its output limit before it wrote any text (--max-output raises it)"
	case errors.Is(err, llm.ErrNoText) && resp.FinishReason == "content_filter":
		return "the provider's content filter blocked the answer"
	case errors.Is(err, llm.ErrNoText):
		return "the model returned no text"
	case errors.Is(err, llm.ErrTooLong):
		return "the question and one source are too long for the model"
	case errors.Is(err, context.DeadlineExceeded):
		return "the model did not answer in time"
	}
	return "the model is not available"
}
