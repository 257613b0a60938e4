package server

import (
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/server/apidoc"
)

// more are keywords of the schema of a field.
type more = apidoc.Object

// Keywords of fields of requests.
var (
	notBlank   = more{"type": "string", "minLength": 1, "maxLength": retrieve.MaxQueryRunes, "pattern": apidoc.NotBlank}
	chunkCount = more{"minimum": 1, "maximum": retrieve.MaxK}
	filterText = more{"maxLength": index.MaxFilterBytes, "pattern": `^[^"\\\x00-\x1f\x7f-\x9f]*$`}
)

// requestFields are the fields of requests.
var requestFields = map[string]apidoc.Field{
	"AskRequest.question": {Text: "the question", Required: true, More: notBlank},
	"AskRequest.history":  {Text: "what was said before, oldest first; the question may refer to it", More: more{"maxItems": history.MaxTurns}},
	"AskRequest.k":        {Text: "chunks to answer from; the server's default without it", More: chunkCount},
	"AskRequest.filter":   {Text: "limits the search to some of the pages"},
	"AskRequest.images":   {Text: "https addresses, or data URIs of PNG, JPEG, WebP or GIF, for models that accept images", More: more{"maxItems": 4, "items": more{"type": "string", "minLength": 1}}},
	"AskRequest.mode":     {Text: "how to search, or `extractive` to ask no model, or `agentic` to let the model search"},
	"AskRequest.html":     {Text: "send the answer and its passages as HTML, too"},

	"Turn.role":    {Text: "who said it", Required: true, More: more{"enum": []string{history.User, history.Assistant}}},
	"Turn.content": {Text: "what was said", Required: true, More: more{"minLength": 1, "maxLength": history.MaxTurnRunes, "pattern": apidoc.NotBlank}},

	"Filter.source":     {Text: "exactly this source, such as docs.example.com", More: filterText},
	"Filter.url_prefix": {Text: "only pages whose address begins with this", More: filterText},
	"Filter.lang":       {Text: "only pages in this language, such as en; de is also de-AT", More: more{"maxLength": index.MaxFilterBytes, "pattern": `^[A-Za-z0-9_-]*$`}},
	"Filter.version":    {Text: "only pages of this version, as their addresses spell it, such as 2.0 or stable", More: more{"maxLength": index.MaxFilterBytes, "pattern": `^[A-Za-z0-9_.-]*$`}},

	"SearchRequest.query":    {Text: "what to search for"},
	"SearchRequest.question": {Text: "the same as `query`; one of them is sent"},
	"SearchRequest.k":        {Text: "hits at most; the server's default without it", More: chunkCount},
	"SearchRequest.filter":   {Text: "limits the search to some of the pages"},
	"SearchRequest.mode":     {Text: "how to search; the server's default without it", More: more{"enum": modes}},
	"SearchRequest.debug":    {Text: "add the candidates, the evidence and its signals"},
	"SearchRequest.typing":   {Text: "the reader has not asked yet: no service is told of the query"},

	"FeedbackRequest.request_id": {Text: "that of the answer", Required: true, More: more{"pattern": validID.String()}},
	"FeedbackRequest.vote":       {Text: "may be left out if there is a comment", More: more{"enum": []string{"", "up", "down"}}},
	"FeedbackRequest.comment":    {Text: "the reader's words", More: more{"maxLength": maxCommentRunes}},

	"Extraction.url":         {Text: "address of the page to fetch"},
	"Extraction.html":        {Text: "the page itself, as HTML"},
	"Extraction.text":        {Text: "the page itself, as text or Markdown"},
	"Extraction.schema":      {Text: "a JSON schema of the data"},
	"Extraction.example":     {Text: "an object like the data: its values show the types"},
	"Extraction.instruction": {Text: "what to extract; without it, the names of the form tell"},
}

// oneOfThem demands one of some fields in a form, and of the others one of the values
// that stand for nothing.
func oneOfThem(form more, nothing []any, names ...string) more {
	all := make([]any, len(names))
	for i, name := range names {
		properties := more{}
		for _, other := range names {
			properties[other] = more{"enum": nothing}
		}
		properties[name] = form
		all[i] = more{"required": []string{name}, "properties": properties}
	}
	return more{"anyOf": all}
}

// Further rules of requests.
var (
	searchRules   = oneOfThem(notBlank, []any{"", nil}, "query", "question")
	feedbackRules = more{"anyOf": []any{
		more{"required": []string{"vote"}, "properties": more{"vote": more{"enum": []string{"up", "down"}}}},
		more{"required": []string{"comment"}, "properties": more{"comment": more{"type": "string", "minLength": 1}}}}}
	extractRules = more{"allOf": []any{
		oneOfThem(more{"type": "string", "minLength": 1}, []any{"", nil}, "url", "html", "text"),
		oneOfThem(more{"type": "object", "minProperties": 1}, []any{nil}, "schema", "example")}}
)

// jobRules demand either targets or a configured source, whose options are its own.
var jobRules = more{"oneOf": []any{
	more{"required": []string{"targets"}, "properties": more{"targets": more{"type": "array", "minItems": 1}, "configured": more{"enum": []any{"", nil}}}},
	more{"required": []string{"configured"}, "properties": more{"configured": more{"type": "string", "minLength": 1}, "rebuild": more{}, "prune_all": more{}}, "additionalProperties": more{"type": "null"}}}}

// jobFields are the fields of the forms of jobs.
var jobFields = map[string]apidoc.Field{
	"Job.progress": {Text: "how far it has come", More: apidoc.Ref("Progress")},
	"Job.report":   {Text: "what it did, once it has ended", More: apidoc.Ref("Report")},

	"Request.targets":         {Text: "http and https addresses to start from", More: more{"maxItems": 100, "items": more{"type": "string", "maxLength": 2048, "pattern": "^https?://"}}},
	"Request.configured":      {Text: "instead of targets and options, the name of a source in the server's configuration file"},
	"Request.rebuild":         {Text: "rebuild the index from these targets alone; it replaces the old one when complete"},
	"Request.prune_all":       {Text: "remove missing pages regardless of their number"},
	"Options.source":          {Text: "name that the pages are filed under; without it, the host", More: more{"maxLength": index.MaxFilterBytes}},
	"Options.selector":        {Text: "CSS selector of the content; without it, the main content"},
	"Options.include":         {Text: "globs on the path; without them, what is under the path of the target"},
	"Options.exclude":         {Text: "globs on the path"},
	"Options.max_pages":       {Text: "pages of each site at most; 0 means the default", More: more{"minimum": 0}},
	"Options.max_depth":       {Text: "links from the target at most; no limit without it", More: more{"minimum": 0}},
	"Options.rate":            {Text: "requests a second to a host; 0 means the default", More: more{"minimum": 0}},
	"Options.canonical_base":  {Text: "public address of a preview: its pages are cited under it", More: more{"pattern": `^(https?://[A-Za-z0-9.-]+(/[A-Za-z0-9._/-]*)?)?$`}},
	"Options.prefer_markdown": {Text: "take the text of a page from the Markdown that it names as its own"},
	"Options.headers":         {Hidden: true}, // for configured sources alone, as the next two
	"Options.ignore_robots":   {Hidden: true},
	"Options.allow_private":   {Hidden: true},

	"Progress.found":     {Text: "pages so far"},
	"Progress.fetched":   {Text: "pages"},
	"Progress.unchanged": {Text: "pages that are stored already"},
	"Progress.embedded":  {Text: "chunks"},
	"Progress.stored":    {Text: "pages"},
	"Progress.failed":    {Text: "pages that failed or were skipped"},
	"Progress.seconds":   {Text: "since the start"},

	"Report.pages":             {Text: "distinct documents that were read: indexed + unchanged + skipped"},
	"Report.indexed":           {Text: "new or changed pages, which were stored"},
	"Report.unchanged":         {Text: "pages that the index had already"},
	"Report.skipped":           {Text: "pages that were read, but are not to be indexed"},
	"Report.skipped_by_reason": {Text: "the same by decision"},
	"Report.failed":            {Text: "pages that could not be read"},
	"Report.pruned":            {Text: "pages that were removed from the index"},
	"Report.chunks":            {Text: "of the pages that are indexed or unchanged"},
	"Report.embedded":          {Text: "chunks that were embedded"},
	"Report.seconds":           {Text: "how long it took"},
	"Report.wrong_type":        {Text: "addresses of other files, such as images; not among the pages"},
	"Report.flagged":           {Text: "pages that seem to give orders to a model"},
	"Report.kept":              {Text: "pages whose old text the index keeps, since they failed or too many are missing"},
	"Report.warnings":          {Text: "one or two sentences each"},
	"Report.sites":             {Text: "sites that were crawled"},
	"Report.errors":            {Text: "of pages that failed; 1000 at most, as of each list of pages"},
	"Report.not_indexed":       {Text: "pages that were skipped, and addresses of the wrong type"},
	"Report.notes":             {Text: "other notes on pages"},
	"Report.pruned_urls":       {Text: "addresses of the pages that were removed"},
	"Report.repeated":          {Text: "lines that were left out, since most pages of a site have them"},
	"Report.kept_pages":        {Text: "pages whose old text the index keeps"},
	"Report.flagged_pages":     {Text: "pages that seem to give orders to a model"},
	"Report.read":              {Text: "files of folders that were read, by extension"},
	"Report.left_out":          {Text: "files of folders that are not read"},

	"SiteReport.start":               {Text: "the target"},
	"SiteReport.visited":             {Text: "documents, those that failed among them"},
	"SiteReport.not_modified":        {Text: "documents that were answered with 304"},
	"SiteReport.requests":            {Text: "in all"},
	"SiteReport.robots":              {Text: "address of robots.txt"},
	"SiteReport.robots_status":       {Text: "its HTTP status; 0 without an answer"},
	"SiteReport.disallowed":          {Text: "addresses that robots.txt forbids"},
	"SiteReport.disallowed_examples": {Text: "some of them, with the rule"},
	"SiteReport.sitemaps":            {Text: "sitemaps that were read"},
	"SiteReport.sitemap_urls":        {Text: "addresses in scope that they named"},
	"SiteReport.foreign_hosts":       {Text: "other hosts that were named, and were not asked"},
	"SiteReport.out_of_scope":        {Text: "addresses on the host that were left out"},
	"SiteReport.cut":                 {Text: "the site has more pages than were allowed"},

	"PageError.url":     {Text: "address of the page"},
	"PageError.error":   {Text: "what is wrong"},
	"PageNote.url":      {Text: "address of the page"},
	"PageNote.decision": {Text: "what was decided of it, if the note is about that"},
	"PageNote.note":     {Text: "a sentence"},
	"PageFlags.url":     {Text: "address of the page"},
	"PageFlags.flags":   {Text: "what it seems to hold, with commas between"},
	"Repeated.text":     {Text: "the beginning of the line"},
	"Repeated.pages":    {Text: "pages that have it"},
	"LeftOut.kind":      {Text: "extension of the files, or another word for them"},
	"LeftOut.files":     {Text: "how many they are"},
	"LeftOut.example":   {Text: "one of them"},
	"LeftOut.reason":    {Text: "why they are not read"},
}
