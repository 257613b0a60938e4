package lint

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// model is how texts call a language model.
const model = `(ais?|a\.i\.|llms?|(large )?language models?|(ai |virtual |digital )?assistants?|chat ?bots?|(ai )?agents?|gpt(-?\d\w*)?|chatgpt|claude|gemini|copilot)`

// An order is a sentence of attacks, as [normalize] writes them. It is looked for only
// in a line that has one of each of its words: the words are quick to find, the sentence
// is not.
type order struct {
	words    [][]string
	sentence *regexp.Regexp
}

// mayBeIn reports whether a text has one of each of the words.
func (o order) mayBeIn(text string) bool {
	for _, words := range o.words {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
			return false
		}
	}
	return true
}

// orders are the known ones. None of their sentences goes on in the next line.
var orders = sync.OnceValue(func() []order {
	var all []order
	for _, o := range []struct{ words, sentence string }{ // words: commas between those of which one is needed
		// Forget what you were told.
		{"ignore,disregard,forget,override,bypass,discard,neglect,follow,obey + instruction,prompt,rule,direct,guideline,command,order,message,context,constraint + previous,prior,above,earlier,preceding,foregoing,initial,original,existing,other,former,system,safety", `\b(ignore|disregard|forget|override|bypass|discard|neglect|do not (follow|obey)|don't (follow|obey)|stop (following|obeying))\b( \w+){0,3} (previous|prior|above|earlier|preceding|foregoing|initial|original|existing|other|former|system|safety)( \w+){0,2} (instructions?|prompts?|rules?|directions?|directives?|guidelines?|commands?|orders?|messages?|context|constraints?)\b`},
		{"ignore,disregard,forget + all,any,every", `\b(ignore|disregard|forget) (all|any|everything|anything)( of)?( the| your| my)? ?(instructions?|prompts?|rules|above|before|you (were|have been) told|said (above|before))\b`},
		{"ignorier", `\bignorier\w* (alle |sämtliche )?(vorherigen|bisherigen|obigen|früheren) (anweisungen|instruktionen|befehle)`},
		{"ignore,oublie + les ", `\b(ignore[zr]?|oublie[zr]?) (toutes )?les (instructions|consignes) (précédentes|ci-dessus)`},
		{"ignora,olvida,ignore + as inst", `\b(ignora|olvida|ignore) (todas )?(las|as) (instrucciones|instruções) (anteriores|previas|prévias)`},
		{"ignora,dimentica + istruzioni", `\b(ignora|dimentica) (tutte )?le istruzioni precedenti`},
		{"忽略,無視", `忽略(之前|以上|先前|前面|上述|所有)的?(所有|全部)?(指令|指示|提示|内容|说明)|(以前|前|上記|これまで)の(指示|命令|プロンプト)を(すべて)?無視`},
		// Be somebody else.
		{"you are now,you are no longer", `\byou are (now|no longer) (a|an|the|in|free|bound|going|acting|my|unrestricted|jailbroken|dan)\b`},
		{"from now on", `\bfrom now on,? (you|answer|respond|reply|act|always)\b`},
		{"pretend,imagine + you, to be", `\b(pretend|imagine) (that )?(you are|you're|to be) (a|an|the|my|in|no)\b.{0,40}\b` + model + `\b`},
		{"act as", `\bact as (if you (are|were)|a|an|my) .{0,40}\b(without (any )?(restrictions?|filters?|rules)|jailbr\w+|` + model + `)\b`},
		{"mode enabled,mode is enabled,mode activated,mode is activated,mode on,mode is on", `\b(jailbreak|developer|dan|god|unrestricted) mode (is )?(enabled|activated|on\b)`},
		{"new instruction,new system,new prompt,new directive,new task,new objective", `\bnew (system )?(instructions?|prompt|directives?|task|objective)( for you)?( follows?| below)? ?:`},
		// To whom it is addressed.
		{"attention,note,notice,message,instruction,important + ai,a.i.,llm,model,assistant,chat,agent,gpt,claude,gemini,copilot", `\b(attention|note|notice|message|instructions?|important)( to| for)?:? (all |any |the |every )?` + model + `( \w+){0,3} ?[:,!—-]`},
		{"you are a,you're a,you are reading,you're reading", `\b(if|when|since|because|as) you( are|'re) (reading this as )?an? ` + model + `\b`},
		{"reading th,processing th,ising th,izing th,parsing th,ysing th,yzing th,indexing th,crawling th", `\b` + model + `s? (that|who|which|when|while)?( is| are)? ?(reading|processing|summari[sz]ing|parsing|analy[sz]ing|indexing|crawling) (this|the) (page|text|document|article|content|site|website)`},
		// What to give away, and to whom.
		{"your ,the  + system,initial,hidden,original,secret,internal + prompt,instruction,message,rules,configuration + reveal,print,repeat,output,leak,disclose,show,display,tell me,recite,expose,dump", `\b(reveal|print|repeat|output|leak|disclose|show|display|tell me|recite|expose|dump)( me| us)?( \w+){0,2} (your|the) (system|initial|hidden|original|secret|internal)( \w+)? (prompts?|instructions?|messages?|rules|configuration)\b`},
		{"user + tell,mention,inform,reveal + not,don't,never,without", `\b(do not|don't|never|without) (tell|mention|inform|inform|reveal|telling|mentioning|informing|revealing)( \w+){0,4} (the |your |to the )?users?\b`},
		{" the user + tell,inform,instruct,convince,urge,persuade,advise,assure,direct,encourage", `\b(tell|inform|instruct|convince|urge|persuade|advise|assure|direct|encourage) the user (that|to|they|about)\b`},
		{"conversation,chat history,api key,credentials,password,data,secret +  to  + send,post,forward,upload,exfiltrate,transmit,leak", `\b(send|post|forward|upload|exfiltrate|transmit|leak)( \w+){0,6} (conversation|chat history|api keys?|credentials|passwords?|user'?s? data|private data|secrets?)( \w+){0,4} to (https?:|www\.|\S+@|the following)`},
		{"always,only + asked,the user,users,anyone + when,if", `\b(always|only) (recommend|say|respond|answer|reply|claim|state|cite|mention)\b( \w+){0,6} (when|whenever|if) (asked|the user|users|anyone)`},
		{"rate this", `\brate this (product|page|article|company|paper|candidate|resume|cv) (as )?(highly|positively|the best|\d)`},
	} {
		add := order{sentence: regexp.MustCompile(o.sentence)}
		for words := range strings.SplitSeq(o.words, " + ") {
			add.words = append(add.words, strings.Split(words, ","))
		}
		all = append(all, add)
	}
	return all
})

// answers matches what a model is about to say. What follows keeps apart the
// responses of HTTP.
var answers = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\byour (next |final |entire |whole |own )?(answers?|repl(y|ies)|responses?|message)('s)?( (to the user|to users|words?|letters?|sentences?|with|using|without|as|by|to|in|so|that|should|must|like|for|from|of|on|\w+ing)\b|[ ]?["“'(.,;:!?\n]|$)`)
})

// verbs are those with which attacks ask for something.
var verbs = []string{"add", "adjust", "alter", "always", "anagram", "answer", "append", "attach", "augment", "begin", "blend", "change", "close", "combine", "conclude", "convert", "craft", "don't", "embed",
	"encode", "end", "enhance", "enrich", "ensure", "finish", "format", "give", "group", "highlight", "hint", "incorporate", "infuse", "insert", "integrate", "intersperse", "introduce", "jumble", "make", "mention",
	"misspell", "mix", "modify", "never", "offer", "only", "open", "output", "phrase", "preface", "prefix", "present", "prepend", "promote", "provide", "rearrange", "recommend", "remove", "render", "rephrase",
	"replace", "respond", "reverse", "rewrite", "say", "scramble", "shuffle", "slip", "sprinkle", "start", "substitute", "suggest", "tease", "translate", "use", "weave", "work", "write", "include", "encourage", "express"}
