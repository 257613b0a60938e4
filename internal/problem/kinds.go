package problem

import "context"

// kinds holds every kind in the order of this file.
var kinds []*Kind

// add adds a kind to kinds.
func add(k Kind) *Kind {
	kinds = append(kinds, &k)
	return &k
}

// Kinds of a question or a search.
var (
	BadQuery = add(Kind{Code: "bad_query", Status: 400, Text: "bad query",
		Fix: "send a question of 1 to 8000 characters and k from 1 to 50"})
	NoIndex = add(Kind{Code: "no_index", Status: 409, Text: "no such index",
		Message: "nothing has been ingested under this name yet", Fix: "run: citewell ingest URL"})
	IndexMismatch = add(Kind{Code: "index_mismatch", Status: 409, Text: "the index was made with other settings",
		Fix: "use the settings the index was made with, or rebuild it: citewell ingest --rebuild URL"})
	IndexBusy = add(Kind{Code: "index_busy", Status: 409, Text: "another process is changing the index",
		Fix: "try again when it has ended"})
	StoreUnavailable = add(Kind{Code: "store_unavailable", Status: 503, Text: "the vector store is unavailable",
		Message: "the vector store does not answer", Fix: "check it with: citewell doctor"})
	EmbedderUnavailable = add(Kind{Code: "embedder_unavailable", Status: 503, Text: "the embedder is unavailable",
		Message: "the embedding service does not answer", Fix: "try again later, or search by words alone with the mode sparse; check the service with: citewell doctor"})
	Overloaded = add(Kind{Code: "overloaded", Status: 503, Text: "too many questions at once",
		Message: "the server has as many questions at once as it can answer", Fix: "try again after the seconds of the header Retry-After"})
	StoreFull = add(Kind{Code: "store_full", Status: 507, Text: "the index can't be written: the disk is full, or a quota is used up",
		Message: "the index can't be written: the disk is full, or a quota is used up", Fix: "free some space and ingest again: nothing that was reported done is lost"})
	NotSupported = add(Kind{Code: "not_supported", Status: 400, Text: "not with this model",
		Fix: "choose another model with --model, such as o1 or gpt-4o; its provider's key must be set"})
	BadImage = add(Kind{Code: "bad_image", Status: 400, Text: "bad image",
		Fix: "send at most 4 images, each an https address or a data URI of PNG, JPEG, WebP or GIF up to 20 MB"})
)

// Kinds of ingestion jobs.
var (
	BadIngestion = add(Kind{Code: "bad_ingestion", Status: 400, Text: "this can't be ingested",
		Fix: `send an object such as {"targets": ["https://docs.example.com/"]}, or {"configured": "NAME"} of a source in the configuration file`})
	TooManyJobs = add(Kind{Code: "too_many_jobs", Status: 429, Text: "too many jobs are waiting",
		Message: "too many ingestions are waiting", Fix: "wait for one to end, or cancel one: DELETE /v1/ingest/ID"})
	JobOver = add(Kind{Code: "job_over", Status: 409, Text: "the job is over",
		Message: "this ingestion has already ended", Fix: "start a new one with POST /v1/ingest"})
	NoSuchJob = add(Kind{Code: "no_such_job", Status: 404, Text: "there is no ingestion with this id",
		Message: "there is no ingestion with this id", Fix: "list them with GET /v1/ingest"})
	NoIngestion = add(Kind{Code: "no_ingestion", Status: 409, Text: "this server does not ingest",
		Fix: "run: citewell ingest URL"})
)

// Kinds of data extraction, and of the model.
var (
	BadForm = add(Kind{Code: "bad_form", Status: 400, Text: "bad form",
		Fix: `send either "schema", a JSON schema, or "example", an object like the data`})
	BadPage = add(Kind{Code: "bad_page", Status: 400, Text: `exactly one of "url", "html" and "text" must be given`,
		Fix: `send the page's address as "url", or the page itself as "html" or "text"`})
	UnreadablePage = add(Kind{Code: "unreadable_page", Status: 422, Text: "the page can't be read",
		Fix: "check the address in a browser, or send the page's html or text"})
	PageTooLong = add(Kind{Code: "page_too_long", Status: 413, Text: "the prompt is too long for the model",
		Fix: "send the part of the page that matters as text, or choose a model with a larger context"})
	NoData = add(Kind{Code: "no_data", Status: 502, Text: "the model gave no such data",
		Fix: "make the schema or the instruction simpler, or choose another model"})
	NoModel = add(Kind{Code: "no_model", Status: 409, Text: "extraction needs a language model, and none is configured",
		Fix: "set OPENAI_API_KEY, or start the server with --provider and --model"})
	ModelUnavailable = add(Kind{Code: "model_unavailable", Status: 503, Text: "the model is not available",
		Message: "the model does not answer", Fix: "try again later; check it with: citewell doctor"})
	ModelError = add(Kind{Code: "model_error", Status: 502, Text: "the model can't be asked",
		Fix: "check the key, the base URL and the model with: citewell doctor"})
)

// Kinds of feedback.
var (
	BadFeedback = add(Kind{Code: "bad_feedback", Status: 400, Text: "bad feedback",
		Fix: `send an object such as {"request_id": "…", "vote": "up"}`})
	NoSuchAnswer = add(Kind{Code: "no_such_answer", Status: 404, Text: "there is no answer with this request_id",
		Message: "there is no answer with this request_id", Fix: `send the "request_id" of an answer of this server; old ones may be deleted`})
	StateUnavailable = add(Kind{Code: "state_unavailable", Status: 503, Text: "the state is unavailable",
		Message: "the feedback can't be stored now", Fix: "try again in a moment"})
	NoFeedback = add(Kind{Code: "no_feedback", Status: 409, Text: "this server keeps no feedback",
		Fix: "start it without --log-questions off"})
)

// Kinds of access.
var (
	BadKey = add(Kind{Code: "bad_key", Status: 400, Text: "bad key",
		Fix: "list the keys with: citewell keys list"})
	NoSuchKey = add(Kind{Code: "no_such_key", Status: 404, Text: "there is no such key",
		Fix: "list the keys with: citewell keys list"})
	Unauthorized = add(Kind{Code: "unauthorized", Status: 401, Text: "this needs a key",
		Fix: `send the header "Authorization: Bearer KEY"; the operator of the server makes keys with: citewell keys add`})
	Forbidden = add(Kind{Code: "forbidden", Status: 403, Text: "the key does not give this right",
		Fix: "use another key; the operator of the server makes keys with: citewell keys add"})
	ProofRequired = add(Kind{Code: "proof_required", Status: 428, Text: "a question without a secret key needs a proof of work",
		Message: "this server asks callers without a secret key for a proof of work", Fix: "ask with a key; the page and the widget solve the challenge of the header Citewell-Challenge by themselves"})
	TooManyRequests = add(Kind{Code: "too_many_requests", Status: 429, Text: "a limit is used up",
		Fix: "try again later"})
)

// Kinds of any request.
var (
	BadJSON = add(Kind{Code: "bad_json", Status: 400, Text: "the body is not a JSON object of the expected form",
		Fix: `send an object such as {"question": "…", "k": 5}`})
	BodyTooLarge = add(Kind{Code: "body_too_large", Status: 413, Text: "the body is too large",
		Fix: "send a question, not a document; images are for models that accept images"})
	NotFound = add(Kind{Code: "not_found", Status: 404, Text: "there is nothing at this address",
		Fix: "see POST /v1/ask and POST /v1/search"})
	MethodNotAllowed = add(Kind{Code: "method_not_allowed", Status: 405, Text: "this address does not support the method",
		Fix: "use a method that the header Allow names"})
	CrossOrigin = add(Kind{Code: "cross_origin", Status: 403, Text: "requests from pages of other sites are refused",
		Fix: "call the API from your own server, or open Citewell's own page; if a proxy serves that page, start the server with --allowed-host and the host that the browser shows"})
	UnknownHost = add(Kind{Code: "unknown_host", Status: 403, Text: "this server does not answer to this host name",
		Fix: "use the server's IP address or localhost, or start it with --allowed-host and its name"})
	Timeout = add(Kind{Code: "timeout", Status: 504, Text: "timeout", Means: context.DeadlineExceeded,
		Message: "the answer took too long", Fix: "try again, with a smaller k"})
	Stopping = add(Kind{Code: "stopping", Status: 503, Text: "the server is shutting down",
		Message: "the server is shutting down", Fix: "ask again in a moment"})
	Canceled = add(Kind{Code: "canceled", Status: 499, Text: "canceled", Means: context.Canceled,
		Message: "the client went away", Fix: "ask again"})
	Internal = add(Kind{Code: "internal", Status: 500, Text: "internal error",
		Message: "something went wrong on the server", Fix: "look for the request_id in the server's log"})
)
