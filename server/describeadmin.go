package server

import (
	"net/http"
	"strings"

	"github.com/citewell/citewell/answer/gaps"
	"github.com/citewell/citewell/answer/stale"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/apidoc"
)

// adminOperations are for the browsers of operators.
func adminOperations(jobs JobForms) []apidoc.Operation {
	reading := []*problem.Kind{problem.IndexMismatch, problem.StoreUnavailable, problem.Timeout, problem.Stopping}
	keeping := []*problem.Kind{problem.StateUnavailable, problem.Timeout, problem.Stopping}
	scope := []string{state.ScopeAdmin}
	return append([]apidoc.Operation{
		{Method: http.MethodGet, Path: "/admin", ID: "adminAddress", Tag: "admin", Summary: "Leads to the page for operators",
			Replies: []apidoc.Reply{{Status: http.StatusMovedPermanently, Text: "its address ends with a slash", Headers: map[string]string{"Location": "of the page"}}}},
		{Method: http.MethodGet, Path: "/admin/", ID: "adminPage", Tag: "admin", Summary: "The page for operators",
			Replies: []apidoc.Reply{{Text: "the file", Type: "text/html; charset=utf-8", Body: textForm, Headers: map[string]string{"ETag": "of this version"}},
				{Status: http.StatusNotModified, Text: "the version of If-None-Match is the current one"}}},
		{Method: http.MethodPost, Path: "/admin/login", ID: "signIn", Tag: "admin", Summary: "Sign a browser in with a key that has the scope admin",
			Body: signInRequest{}, Example: `{"key": "cw_…"}`,
			Replies:  []apidoc.Reply{{Text: "who is signed in, by a cookie for addresses below /admin/", Body: signedIn{}, Headers: map[string]string{"Set-Cookie": "the session"}}},
			Problems: []*problem.Kind{problem.Unauthorized, problem.Forbidden, problem.TooManyRequests, problem.Timeout, problem.Stopping}},
		{Method: http.MethodPost, Path: "/admin/logout", ID: "signOut", Tag: "admin", Scopes: scope, Summary: "End the session of a browser",
			Replies: []apidoc.Reply{{Text: "who was signed in", Body: signedIn{}, Headers: map[string]string{"Set-Cookie": "removes the session"}}}},
		{Method: http.MethodGet, Path: "/admin/session", ID: "session", Tag: "admin", Scopes: scope, Summary: "Tell who is signed in",
			Replies: []apidoc.Reply{{Text: "the key, and when the session ends", Body: signedIn{}}}},
		{Method: http.MethodGet, Path: "/admin/sources", ID: "listSources", Tag: "admin", Scopes: scope, Summary: "What the index holds of each source",
			Replies: []apidoc.Reply{{Text: "the sources, by name", Body: sourceList{}}}, Problems: reading},
		{Method: http.MethodGet, Path: "/admin/pages", ID: "listPages", Tag: "admin", Scopes: scope, Summary: "List pages with what was decided of each",
			Params: []apidoc.Param{{Name: "text", In: "query", Text: "a part of their address or title", Schema: textForm},
				{Name: "decision", In: "query", Text: "such as indexed or failed", Schema: textForm}},
			Replies: []apidoc.Reply{{Text: "the pages, by address; 200 at most", Body: pageList{}}}, Problems: reading},
		{Method: http.MethodPost, Path: "/admin/search", ID: "adminSearch", Tag: "admin", Scopes: scope, Summary: "Find the nearest chunks, as a browser that is signed in",
			Body: searchRequest{}, Rules: searchRules, Example: `{"query": "cold brew", "debug": true}`,
			Replies:  []apidoc.Reply{{Text: "the hits, best first", Body: searchReply{}}},
			Problems: searchProblems},
		{Method: http.MethodGet, Path: "/admin/keys", ID: "listKeys", Tag: "admin", Scopes: scope, Summary: "List the keys, without their secrets",
			Replies: []apidoc.Reply{{Text: "the keys, by name", Body: keyList{}}}, Problems: keeping},
		{Method: http.MethodPost, Path: "/admin/keys", ID: "addKey", Tag: "admin", Scopes: scope, Summary: "Make a key",
			Body: keyRequest{}, Example: `{"name": "wiki", "scopes": ["search"], "limits": "20/minute", "days": 90}`,
			Replies:  []apidoc.Reply{{Text: "its secret, which can't be read again", Body: madeKey{}}},
			Problems: append([]*problem.Kind{problem.BadKey}, keeping...)},
		{Method: http.MethodPost, Path: "/admin/rotate", ID: "rotateKey", Tag: "admin", Scopes: scope, Summary: "Give a key a second secret; the present one expires",
			Body: keyRotation{}, Example: `{"name": "wiki", "days": 1}`,
			Replies:  []apidoc.Reply{{Text: "its new secret, which can't be read again", Body: madeKey{}}},
			Problems: append([]*problem.Kind{problem.BadKey, problem.NoSuchKey}, keeping...)},
		{Method: http.MethodGet, Path: "/admin/log", ID: "auditLog", Tag: "admin", Scopes: scope, Summary: "Read the audit log, newest first",
			Params:  []apidoc.Param{{Name: "after", In: "query", Text: "the next of the page before", Schema: textForm}},
			Replies: []apidoc.Reply{{Text: "at most 100 entries", Body: actionList{}}}, Problems: keeping},
		{Method: http.MethodDelete, Path: "/admin/keys/:id", ID: "removeKey", Tag: "admin", Scopes: scope, Summary: "Remove a key",
			Params:   []apidoc.Param{{Name: "id", In: "path", Text: "name or id of the key", Schema: textForm, Example: "wiki"}},
			Replies:  []apidoc.Reply{{Text: "what was removed", Body: removedKey{}}},
			Problems: append([]*problem.Kind{problem.NoSuchKey}, keeping...)},
	}, append(reportOperations(scope), adminJobs(jobs)...)...)
}

// reportOperations tell what was asked.
func reportOperations(scope []string) []apidoc.Operation {
	days := apidoc.Param{Name: "days", In: "query", Text: "how far back; 30 without it, 0 means all", Schema: apidoc.Object{"type": "integer", "minimum": 0, "maximum": maxReportDays}}
	format := apidoc.Param{Name: "format", In: "query", Text: "of a file; JSON without it", Schema: apidoc.Object{"type": "string", "enum": []string{"", Markdown, CSV}}}
	file := map[string]string{"Content-Disposition": "the name of the file"}
	failing := []*problem.Kind{problem.BadQuery, problem.StateUnavailable, problem.Timeout, problem.Stopping}
	return []apidoc.Operation{
		{Method: http.MethodGet, Path: "/admin/gaps", ID: "gaps", Tag: "admin", Scopes: scope, Summary: "Group the questions that the pages do not answer",
			Params: []apidoc.Param{days, format},
			Replies: []apidoc.Reply{{Text: "the groups, the most asked first", Body: gaps.Report{}},
				{Text: "the same for a ticket", Type: "text/markdown; charset=utf-8", Body: textForm, Headers: file},
				{Text: "the same as a table", Type: "text/csv; charset=utf-8", Body: textForm, Headers: file}},
			Problems: append([]*problem.Kind{problem.NoIndex, problem.IndexMismatch, problem.StoreUnavailable, problem.EmbedderUnavailable}, failing...)},
		{Method: http.MethodPost, Path: "/admin/gaps", ID: "markGap", Tag: "admin", Scopes: scope, Summary: "Mark a group of questions as done, until one is asked again",
			Body: gapMark{}, Example: `{"questions": ["Is there single sign-on?"], "done": true}`,
			Replies:  []apidoc.Reply{{Text: "what was marked", Body: markedGap{}}},
			Problems: failing},
		{Method: http.MethodGet, Path: "/admin/usage", ID: "usage", Tag: "admin", Scopes: scope, Summary: "Count the questions and tokens of each day",
			Params:  []apidoc.Param{days},
			Replies: []apidoc.Reply{{Text: "the days, oldest first", Body: usageReport{}}}, Problems: failing},
		{Method: http.MethodGet, Path: "/admin/stale", ID: "stale", Tag: "admin", Scopes: scope, Summary: "List the questions whose answers cite text that has changed",
			Params:   []apidoc.Param{days},
			Replies:  []apidoc.Reply{{Text: "the questions, those that lost a quote first", Body: staleList{}}},
			Problems: append([]*problem.Kind{problem.NoIndex, problem.IndexMismatch, problem.StoreUnavailable}, failing...)},
		{Method: http.MethodGet, Path: "/admin/votes", ID: "votes", Tag: "admin", Scopes: scope, Summary: "List what readers said of answers",
			Params:  []apidoc.Param{days},
			Replies: []apidoc.Reply{{Text: "the newest first, 1000 at most", Body: voteList{}}}, Problems: failing},
	}
}

// adminJobs are the operations of jobs at the addresses that a session reaches.
func adminJobs(forms JobForms) []apidoc.Operation {
	all := jobOperations(forms)
	for i := range all {
		op := &all[i]
		op.Path = adminPath + strings.TrimPrefix(op.Path, "/v1/")
		op.ID, op.Tag, op.Scopes = "admin"+strings.ToUpper(op.ID[:1])+op.ID[1:], "admin", []string{state.ScopeAdmin}
		for j := range op.Replies {
			op.Replies[j].Links = nil // they lead to the others
		}
	}
	return all
}

// adminFields are the fields of what operators send and read.
var adminFields = map[string]apidoc.Field{
	"SignInRequest.key": {Text: "the secret of a key, or the token of the server", Required: true},
	"SignedIn.key":      {Text: "name of the key"},
	"SignedIn.expires":  {Text: "when the session, or without one the key, ends"},

	"SourceList.configured":   {Text: "names of the sources in the configuration file"},
	"SourceList.sources":      {Text: "those that the index holds pages of, by name"},
	"SourceCounts.source":     {Text: "its name"},
	"SourceCounts.chunks":     {Text: "of its pages"},
	"SourceCounts.decisions":  {Text: "how many of its pages were indexed, and how many were not for which reason"},
	"SourceCounts.crawled_at": {Text: "when its newest page was fetched"},

	"PageList.total":        {Text: "pages that match"},
	"PageList.pages":        {Text: "the first of these, by address"},
	"ListedPage.url":        {Text: "its address"},
	"ListedPage.title":      {Text: "its title"},
	"ListedPage.source":     {Text: "name of the site"},
	"ListedPage.decision":   {Text: "whether it is indexed, or what keeps it out"},
	"ListedPage.reason":     {Text: "the same as a sentence"},
	"ListedPage.status":     {Text: "of HTTP; 0 for a file"},
	"ListedPage.chunks":     {Text: "that are stored of it"},
	"ListedPage.crawled_at": {Text: "when it was fetched"},

	"KeyRequest.name":    {Text: "letters, digits and . _ -", Required: true, More: more{"pattern": state.KeyName.String()}},
	"KeyRequest.scopes":  {Text: "what the key allows", Required: true, More: more{"minItems": 1, "items": more{"enum": state.Scopes()}}},
	"KeyRequest.origins": {Text: "makes a public key, for the widget in pages of these origins", More: more{"items": more{"pattern": "^https?://[a-z0-9.-]+(:[0-9]+)?$"}}},
	"KeyRequest.limits":  {Text: "such as 20/minute, 400/day, 500k tokens/day; none without it"},
	"KeyRequest.days":    {Text: "how long it is valid; for ever without it", More: more{"minimum": 0, "maximum": maxKeyDays}},
	"KeyRotation.name":   {Text: "of the key", Required: true},
	"KeyRotation.days":   {Text: "how long the present secret stays valid; without it, not at all", More: more{"minimum": 0, "maximum": maxKeyDays}},
	"MadeKey.name":       {Text: "of the key"},
	"MadeKey.secret":     {Text: "for the header Authorization"},
	"RemovedKey.key":     {Text: "its name or id"},
	"RemovedKey.secrets": {Text: "how many it had"},

	"ActionList.actions": {Text: "newest first"},
	"ActionList.next":    {Text: "for the parameter after; absent at the end"},
	"Action.id":          {Text: "of the entry"},
	"Action.at":          {Text: "when"},
	"Action.actor":       {Text: "who: a key, or a user of a computer"},
	"Action.action":      {Text: "what was done, such as add key"},
	"Action.object":      {Text: "to what"},
	"Action.detail":      {Text: "what has changed"},

	"KeyList.keys":             {Text: "by name"},
	"KeyList.allowed_origins":  {Text: "of the server's configuration: their pages need no key"},
	"ListedKey.today":          {Text: "what it has used, in UTC"},
	"Key.id":                   {Text: "the first part of the secret, which is not secret"},
	"Key.name":                 {Text: "two keys of one name are its old and its new secret"},
	"Key.scopes":               {Text: "what it allows"},
	"Key.origins":              {Text: "of the pages that a public key is for"},
	"Key.limits":               {Text: "requests a minute, questions and tokens a day"},
	"Key.created":              {Text: "when it was made"},
	"Key.expires":              {Text: "when it ends; absent if it does not"},
	"GapsReport.gaps":          {Text: "the groups, the most asked first"},
	"GapsReport.questions":     {Text: "in the groups, each as often as it was asked"},
	"GapsReport.left":          {Text: "different questions that were left out, since there are too many"},
	"GapsReport.unread":        {Text: "questions whose text is not logged"},
	"GapsGap.size":             {Text: "how often the questions were asked"},
	"GapsGap.different":        {Text: "number of different questions"},
	"GapsGap.examples":         {Text: "most typical first"},
	"GapsGap.reasons":          {Text: "why they are here, and how often"},
	"GapsGap.last_asked":       {Text: "the last time"},
	"GapsGap.nearest":          {Text: "page to the most typical question; null if nothing was found"},
	"GapsGap.done":             {Text: "marked as done, and not asked since"},
	"GapMark.questions":        {Text: "examples of one group", Required: true, More: more{"minItems": 1, "maxItems": maxMarkedQuestions}},
	"GapMark.done":             {Text: "false, or without it: the mark is removed"},
	"MarkedGap.done":           {Text: "as it was sent"},
	"GapsGap.answered_now":     {Text: "the index has enough evidence now, and had not when they were asked"},
	"GapsNearestPage.url":      {Text: "its address"},
	"GapsNearestPage.title":    {Text: "of the page"},
	"GapsNearestPage.section":  {Text: "headings above the chunk, with > between"},
	"GapsNearestPage.score":    {Text: "of its best chunk"},
	"GapsNearestPage.evidence": {Text: "how likely the index holds the answer, 0 to 1"},
	"UsageReport.days":         {Text: "oldest first; days without questions between them, too"},
	"DayUsage.day":             {Text: "in UTC", More: more{"format": "date"}},
	"DayUsage.questions":       {Text: "that were asked"},
	"DayUsage.unanswered":      {Text: "of these, without an answer"},
	"DayUsage.tokens":          {Text: "of the model"},

	"StaleList.questions":      {Text: "those that lost a quote first, then the newest"},
	"StaleQuestion.id":         {Text: "of the question in the log"},
	"StaleQuestion.request_id": {Text: "of its answer"},
	"StaleQuestion.question":   {Text: "empty if the text is not logged"},
	"StaleQuestion.asked_at":   {Text: "the last time"},
	"StaleQuestion.times":      {Text: "how often it was answered"},
	"StaleQuestion.citations":  {Text: "those whose text has changed"},
	"StaleCitation.n":          {Text: "number in the answer"},
	"StaleCitation.url":        {Text: "address of the page"},
	"StaleCitation.quote":      {Text: "words of the page at that time"},
	"StaleCitation.verified":   {Text: "the quote was found on the page then"},
	"StaleCitation.chunk_id":   {Text: "of the chunk that is gone"},
	"StaleCitation.reason":     {Text: "what has changed", More: more{"enum": []string{stale.Gone, stale.Changed, stale.Moved}}},
	"VoteList.votes":           {Text: "the newest first"},
	"Vote.at":                  {Text: "when"},
	"Vote.vote":                {Text: "0 for a comment alone", More: more{"enum": []int{-1, 0, 1}}},
	"Vote.comment":             {Text: "the reader's words"},
	"Vote.reason":              {Text: "why there is no answer"},
	"Vote.question":            {Text: "that was asked, as it is understood without what was said before; empty if the text is not logged"},
	"Vote.answered":            {Text: "the pages answered it"},
	"Vote.mode":                {Text: "who wrote the answer"},
	"Vote.cited":               {Text: "citations of the answer, whose text is not logged"},
	"Cited.n":                  {Text: "number in the answer"},
	"Cited.url":                {Text: "address of the page"},
	"Cited.quote":              {Text: "words of the page"},
	"Cited.verified":           {Text: "the quote was found on the page"},

	"Spending.requests": {Text: "questions"},
	"Spending.tokens":   {Text: "of the model"},
}
