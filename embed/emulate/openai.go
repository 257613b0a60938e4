package emulate

// OpenAI returns the rules of OpenAI's embeddings API (2026-11-22).
func OpenAI() Service {
	return Service{
		Models: map[string]Model{
			"text-embedding-3-small": {Dim: 1536},
			"text-embedding-3-large": {Dim: 3072},
			"text-embedding-ada-002": {Dim: 1536, FixedDim: true},
		},
		MaxTokens: 8192, MaxTexts: 2048, MaxAllTokens: 300_000,
		TextsField: "input", DimensionField: "dimensions", OtherFields: []string{"model", "encoding_format", "user"}, Required: []string{"model"},
		UnknownModel: func(model string) *Refusal {
			return &Refusal{Status: 404, Code: "model_not_found", Message: "The model `" + model + "` does not exist or you do not have access to it."}
		},
		TooLong: func(tokens, limit int) *Refusal {
			return refuse("", "", "This model's maximum context length is %d tokens, however you requested %d tokens (%d in your prompt; 0 for the completion). Please reduce your prompt; or completion length.", limit, tokens, tokens)
		},
		TooMany: func(_, limit int) *Refusal {
			return refuse("input", "", "Invalid 'input': array too long. Expected an array with maximum length %d.", limit)
		},
		ErrorBody: openAIError,
		Body:      openAIBody,
	}
}

// Azure returns the rules of OpenAI's models on Azure (2026-11-22). The path
// names the model, which the server resolves; the body may name it, too.
func Azure() Service {
	s := OpenAI()
	s.Required = nil
	s.UnknownModel = func(string) *Refusal {
		return &Refusal{Status: 404, Code: "DeploymentNotFound",
			Message: "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."}
	}
	s.ErrorBody = func(f *Refusal) any {
		return map[string]any{"error": map[string]any{"code": f.Code, "message": f.Message}}
	}
	return s
}

func openAIError(f *Refusal) any {
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return map[string]any{"error": map[string]any{"message": f.Message, "type": "invalid_request_error", "param": null(f.Param), "code": null(f.Code)}}
}

func openAIBody(model string, vectors []any, tokens int) any {
	data := make([]any, len(vectors))
	for i, v := range vectors {
		data[i] = map[string]any{"object": "embedding", "index": i, "embedding": v}
	}
	return map[string]any{"object": "list", "data": data, "model": model, "usage": map[string]any{"prompt_tokens": tokens, "total_tokens": tokens}}
}
