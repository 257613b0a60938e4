package answer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
)

// quoteInstead answers with sentences of the pages after the model failed, and warns
// why. If a model is required, it returns an error.
func (a *Answerer) quoteInstead(q Question, hits []retrieve.Hit, resp llm.Response, err error) (*Answer, error) {
	why := failureWarning(resp, err)
	switch {
	case a.requireModel && errors.Is(err, llm.ErrConfig):
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	case a.requireModel && err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	case a.requireModel:
		return nil, fmt.Errorf("%w: %s", ErrUnavailable, why)
	}
	ans := quote(q, hits)
	if ans.Warning = why; ans.Answered {
		ans.Warning += "; these sentences are quoted from the pages instead"
	}
	ans.WrongSettings = errors.Is(err, llm.ErrConfig)
	ans.recordResponse(resp)
	return ans, nil
}

// logFailure logs a failure of the model in a call, such as "answer". Wrong settings fail every question in the
// same way, so they are logged as a warning once.
func (a *Answerer) logFailure(ctx context.Context, call string, resp llm.Response, err error) {
	level := slog.LevelWarn
	switch {
	case isOwn(err): // who refuses tells the log
		level = slog.LevelDebug
	case errors.Is(err, llm.ErrConfig):
		text := err.Error()
		if before := a.logged.Swap(&text); before != nil && *before == text {
			level = slog.LevelDebug
		}
	}
	a.log.Log(ctx, level, "the model failed", "call", call, "err", err, "refused", resp.Refusal != "")
}

// isOwn reports whether the model was not asked since this server refuses that, such as for
// its budget.
func isOwn(err error) bool {
	_, own := errors.AsType[*problem.Error](err)
	return own
}

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

// failureWarning returns why the model did not answer and, if its settings are
// wrong, how to fix them. The error itself may name hosts; it is logged, not shown.
func failureWarning(resp llm.Response, err error) string {
	switch {
	case resp.Refusal != "":
		return "the model declined to answer"
	case isOwn(err):
		return problem.Of(err).Message
	case errors.Is(err, llm.ErrConfig):
		return "the model can't be asked: " + llm.Advice(err)
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
	if why := llm.Advice(err); why != "" {
		return "the model is not available: " + why
	}
	return "the model is not available"
}
