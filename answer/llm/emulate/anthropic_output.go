package emulate

import "encoding/json"

// readOutputConfig parses output_config, which models from Claude 4.6 on have: the
// effort, and from 4.7 on the schema of the text.
func (t *turn) readOutputConfig(data json.RawMessage) *apiError {
	if data == nil {
		return nil
	}
	var in struct {
		Effort string `json:"effort"`
		Format *struct {
			Type   string          `json:"type"`
			Schema json.RawMessage `json:"schema"`
		} `json:"format"`
	}
	switch err := strict(data, &in); {
	case err != nil:
		return refuse("", "", "output_config: %v", err)
	case in.Effort != "" && t.efforts == "":
		return refuse("", "", "output_config.effort: this model does not support the effort parameter")
	case in.Effort != "" && !hasWord(t.efforts, in.Effort):
		return refuse("", "", "output_config.effort: Input should be one of %s", t.efforts)
	case in.Format != nil && !t.rules.schema:
		return refuse("", "", "output_config.format: this model does not support structured outputs")
	case in.Format != nil && (in.Format.Type != "json_schema" || typeOf(in.Format.Schema) != "object"):
		return refuse("", "", "output_config.format: needs the type json_schema and a schema of type object")
	}
	t.effort = in.Effort
	if in.Format != nil {
		t.schema = in.Format.Schema
	}
	return nil
}
