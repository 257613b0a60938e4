package openai

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Chat clients ask the model on the side for a title of the conversation, for tags, for
// further questions, for searches, or for the end of what the user types. Such a prompt
// is no question to the pages. Each is recognized by two marks, so that a question about
// titles is none:
//
//   - Open WebUI begins with "### Task:" and names the JSON object that it wants, or
//     holds the conversation in <chat_history>;
//   - LibreChat asks for a title or a summary of "the conversation" and brings it along,
//     in lines that begin with User: or with Conversation:.
//
// What they look like is from the sources of both (2026-11).
var (
	task      = regexp.MustCompile(`(?i)^#{1,4} *task:`)
	wantsJSON = regexp.MustCompile(`\{\s*\\?"(title|tags|follow_ups|queries|text|summary)\\?"\s*:`)
	titleAsk  = regexp.MustCompile(`(?i)^(?:(?:please |provide |generate |write |create |give ).{0,200}?(?:\btitle\b|\bsummary\b|summarize)|analyze this conversation and provide)`)
	theTalk   = regexp.MustCompile(`(?im)^(?:conversation|user|human|chat history) ?:`)
	userLine  = regexp.MustCompile(`(?im)^ *(?:user|human) ?: *(\S.*)$`)
	talkLine  = regexp.MustCompile(`(?i)^conversation ?: *\n *(\S.*)`)
	userQuery = regexp.MustCompile(`(?is)<user_query>\s*(.*?)\s*</user_query>`)
)

// maxTitleRunes is the length of a title.
const maxTitleRunes = 60

// sidePrompt returns the reply to a prompt that is no question, and whether it is one.
func sidePrompt(text string) (reply string, ok bool) {
	switch {
	case task.MatchString(text):
		form := wantsJSON.FindStringSubmatch(text)
		if form == nil && !strings.Contains(text, "<chat_history>") {
			return "", false // a template around a question
		}
		if form == nil {
			return titleOf(text), true
		}
		return replyForm(form[1], text), true
	case titleAsk.MatchString(text) && theTalk.MatchString(text):
		return titleOf(text), true
	}
	return "", false
}

// replyForm returns the JSON object that a client wants. Of what only a language model
// could say, it holds nothing.
func replyForm(field, text string) string {
	var value any
	switch field {
	case "title", "summary":
		value = titleOf(text)
	case "tags":
		value = []string{"General"}
	case "text":
		value = ""
	default:
		value = []string{}
	}
	b, _ := json.Marshal(map[string]any{field: value}) // strings and lists can be encoded
	return string(b)
}

// titleOf returns the beginning of the first question of the conversation in a prompt.
func titleOf(text string) string {
	_, talk, found := strings.Cut(text, "<chat_history>")
	if !found {
		talk = text
	}
	title := "Questions"
	if m := userLine.FindStringSubmatch(talk); m != nil {
		title = m[1]
	} else if i := theTalk.FindStringIndex(talk); i != nil {
		if m := talkLine.FindStringSubmatch(talk[i[0]:]); m != nil {
			title = m[1]
		}
	}
	words := strings.Fields(title)
	title = ""
	for _, word := range words {
		if len([]rune(title+" "+word)) > maxTitleRunes && title != "" {
			break
		}
		title = strings.TrimSpace(title + " " + word)
	}
	runes := []rune(strings.TrimRight(title, "?.!。？！"))
	return string(runes[:min(len(runes), maxTitleRunes)])
}

// questionIn returns the question in a template of a client that adds the results of
// its own search.
func questionIn(text string) string {
	if m := userQuery.FindStringSubmatch(text); m != nil && m[1] != "" {
		return m[1]
	}
	return text
}
