package openai

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Chat clients ask the model on the side for a title of the conversation, for tags, for
// further questions, for searches, for an emoji, or for the end of what the user types. Such
// a prompt is no question to the pages. Each is recognized by two marks, so that a question
// about titles is none:
//
//   - Open WebUI begins with "### Task:" and names the JSON object that it wants, or
//     holds the conversation in <chat_history>;
//   - LibreChat and Chatbox ask for a title, a name or a summary of "the conversation" and
//     bring it along, in lines that begin with User: or with Conversation:;
//   - NextChat asks for a title of "our conversation" at the end of it.
//
// What they look like is from their sources (2026-11).
var (
	task      = regexp.MustCompile(`(?i)^#{1,4} *task:`)
	wantsJSON = regexp.MustCompile(`\{\s*\\?"(title|tags|follow_ups|queries|text|summary|prompt)\\?"\s*:`)
	titleAsk  = regexp.MustCompile(`(?i)^(?:(?:please |provide |generate |write |create |give ).{0,200}?(?:\btitle\b|\bsummary\b|summarize)|analyze this conversation and provide|based on the chat history, give this conversation a name)`)
	theTalk   = regexp.MustCompile(`(?im)^(?:(?:here's the )?conversation|user|human|chat history) ?:`)
	ourTitle  = regexp.MustCompile(`(?i)^(?:please )?(?:provide|generate|write|create|give)(?: me| us)? an? (?:[\w-]+ ){0,6}(?:title|summary)\b.{0,60}\b(?:our|this) (?:conversation|chat|discussion)\b`)
	emojiAsk  = regexp.MustCompile(`^Your task is to reflect the speaker's likely facial expression through a fitting emoji\.`)
	userLine  = regexp.MustCompile(`(?im)^ *(?:user|human) ?: *(\S.*)$`)
	talkLine  = regexp.MustCompile("(?i)^(?:here's the )?conversation ?: *\n[\\s`]*(\\S.*)")
)

// templates are what clients put around a question: the results of searches of their own,
// or the answers of several models.
var templates = []*regexp.Regexp{
	regexp.MustCompile(`(?is)<user_query>\s*(.*?)\s*</user_query>`),
	regexp.MustCompile(`(?is)^#{1,4} *task:.*</context>\s*(\S.*)`),
	regexp.MustCompile(`(?s)^You have been provided with a set of responses from various models to the latest user query: "(.*?)"\n`),
}

// maxTitleRunes is the length of a title.
const maxTitleRunes = 60

// anyEmoji answers what only a language model could.
const anyEmoji = "🙂"

// sidePrompt returns the reply to a prompt that is no question, and whether it is one.
// earlier is the conversation before it.
func sidePrompt(text string, earlier []message) (reply string, ok bool) {
	switch {
	case task.MatchString(text):
		rules, _, _ := strings.Cut(text, "<context>") // which may hold JSON, too
		form := wantsJSON.FindStringSubmatch(rules)
		if form == nil && !strings.Contains(text, "<chat_history>") {
			return "", false // a template around a question
		}
		if form == nil {
			return titleOf(text), true
		}
		return replyForm(form[1], text), true
	case titleAsk.MatchString(text) && theTalk.MatchString(text):
		return titleOf(text), true
	case ourTitle.MatchString(text) && len(earlier) > 1:
		return titleOf("User: " + earlier[0].text), true
	case emojiAsk.MatchString(text):
		return anyEmoji, true
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
	case "text", "prompt":
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

// questionIn returns the question in a template of a client.
func questionIn(text string) string {
	for _, t := range templates {
		if m := t.FindStringSubmatch(text); m != nil && m[1] != "" {
			return m[1]
		}
	}
	return text
}
