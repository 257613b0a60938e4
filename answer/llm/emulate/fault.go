package emulate

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// wait returns a function that waits for d, or until the client disconnects.
func wait(d time.Duration) func(context.Context) {
	return func(ctx context.Context) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
}

// faultError returns the error for the status of the fault.
func (x *exchange) faultError() *apiError {
	if x.fault.RetryAfter != "" {
		x.w.Header().Set("Retry-After", x.fault.RetryAfter)
	}
	f := &apiError{status: x.fault.Status, message: http.StatusText(x.fault.Status)}
	switch {
	case f.status == http.StatusTooManyRequests:
		f.code, f.message = "rate_limit_exceeded", "Rate limit reached for requests per min. Please try again later."
	case f.status >= 500:
		f.message = "The server had an error while processing your request. Sorry about that!"
	}
	return f
}

// parseFault parses a fault that a client asks for: an HTTP status ("429") and these
// names, separated by commas:
//
//	length            reasoning uses the whole budget
//	reasoning=N       reasoning uses N tokens
//	refusal           the model declines
//	filter            the content filter blocks the text
//	prompt-filter     the content filter refuses the prompt
//	retry-after=N     the header with an HTTP status
//	slow=D            the headers are delayed by a duration such as 2s
//	cut=N             the connection breaks after N pieces
//	no-usage          the response has no usage
//	failed            the response fails while it is written (Responses API)
//	unopened          reasoning in the text has no opening mark
func parseFault(asked string) (Fault, error) {
	var f Fault
	for word := range strings.SplitSeq(asked, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(word), "=")
		n, err := strconv.Atoi(value)
		if value == "" {
			n, err = strconv.Atoi(name)
		}
		switch name {
		case "length":
			f.Reasoning, err = 1<<30, nil
		case "refusal":
			f.Refusal, err = "I'm sorry, but I can't help with that.", nil
		case "filter":
			f.FilterAnswer, err = true, nil
		case "prompt-filter":
			f.FilterPrompt, err = true, nil
		case "no-usage":
			f.NoUsage, err = true, nil
		case "failed":
			f.Failed, err = "server_error", nil
		case "unopened":
			f.Unopened, err = true, nil
		case "reasoning":
			f.Reasoning = n
		case "cut":
			f.Cut = n
		case "retry-after":
			f.RetryAfter, err = value, nil
		case "slow":
			var d time.Duration
			d, err = time.ParseDuration(value)
			f.Hold = wait(d)
		default:
			f.Status = n
			if err == nil && (n < 400 || n > 599) {
				err = fmt.Errorf("%d is not an error status", n)
			}
		}
		if err != nil {
			return Fault{}, fmt.Errorf("emulate: no such fault %q", word)
		}
	}
	return f, nil
}
