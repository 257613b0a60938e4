package general

import (
	"regexp"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// The texts of blocks beside an article. All but sentence match the beginning of a
// block's text, on one line.
var (
	// dated is a line with the date of the article.
	dated = regexp.MustCompile(`(?i)^((first |last |originally )?(published|updated|posted|modified|created|reviewed)( (on|at|by|in))?\b|` +
		`(veröffentlicht|aktualisiert|publié|mis à jour|publicado|actualizado|atualizado|pubblicato|aggiornato|diterbitkan|опубликовано|обновлено)\b)`)

	// onlyDate is a line of a date and a time and nothing else.
	onlyDate = regexp.MustCompile(`(?i)^((mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?|jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|` +
		`sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?|[ap]\.?m\.?|[a-z]{1,3}st|[a-z]?dt|utc|gmt|at|on|of|de|às|um|uhr|\d{1,4}(st|nd|rd|th)?|[\s.,:;/|·•–—-])+$`)

	// byline names the author.
	byline = regexp.MustCompile(`(?i)^(by|written by|posted by|story by|author|reporting by|von|par|por|di|oleh|autor|publicado por)\b:?\s`)

	// credit names the photographer, or counts pictures.
	credit = regexp.MustCompile(`(?i)^(\(?(photo(graph)?s?|image|picture|video|foto|illustration|screenshot)s?( courtesy)?( credits?| copyright| caption| by| via)?\s*(:|©|by\b|via\b|getty|courtesy)|©|image (copyright|caption)|` +
		`credits?:|(image|photo|slide)? ?\d+ ?(of|/) ?\d+|via getty|getty( images)?$|reuters$|afp$|ap$)`)

	// credited is a caption that ends with a credit.
	credited = regexp.MustCompile(`(?i)(\((photo|image|credit|picture|ap photo|getty|illustration|courtesy|photograph|file)[^()]*\)|[(/ ](getty images?|ap photo|ap|afp|reuters|epa|shutterstock|getty)\)?|\b(credit|photo|image|photograph|foto)s?( credits?)?( by|:) ?[^.]{3,60})\.?$`)

	// notice is a line that the site puts on its pages.
	notice = regexp.MustCompile(`(?i)^(advert(isement)?s?|sponsored( content)?|anzeige|publicidade?|share( this)?( article| story| post)?|tweet|e-?mail|print|comments?|\d+ comments?|` +
		`leave a (comment|reply)|close|caption|loading\W*|text size|play|watch|listen|menu|more|image|video|sign (in|up)|log ?in|subscribe|follow|continue reading|read full story|` +
		`view (all|comments|author archive)|tags?|topics?|filed under|story continues.*|article continues.*|thank you|an error has occurred.*|this article has been sent to)\s*[:.…]?\s*$|` +
		`^(filed under|tags|topics|categor(y|ies)|posted in|labels|source|sources|quelle|fonte|via)\s*:`)

	// imperative is a line that begins with an order to the reader.
	imperative = regexp.MustCompile(`(?i)^\W*(sign up|subscribe|click here|follow|download|register|log in|join)\b`)

	// invitation asks the reader to subscribe, share, comment or the like.
	invitation = regexp.MustCompile(`(?i)\b(sign(ing)? up (for|to|now|here|today)\b.{0,40}\b(newsletters?|e-?mails?|alerts?|inbox|updates)|subscri(be|bing)\b.{0,60}\b(newsletters?|e-?mails?|inbox|channel|podcast|alerts?|magazine)|(newsletter|inbox)\b.{0,60}\b(sign up|subscri)|` +
		`(latest|breaking|top) (news|updates|stories)\b.{0,60}\b(inbox|e-?mail|alerts|app|newsletter)|(delivered|straight) (to|in|into|through) your (inbox|letterbox)|` +
		`follow (us|me|him|her|them|the|@?\w+|\w+ \w+)( [\w ]{1,30})? on (twitter|facebook|instagram|youtube|linkedin|x|google|social)|(like|find|join) us on (facebook|twitter|instagram)|` +
		`click here (to (subscribe|sign|get the|download the|read more|follow)|for more)|download (our|the) .{0,20}\bapp\b|get (the|our) .{0,20}\bapp\b|(may|can) be reached (at|by)|(write|e-?mail) (to )?\S+ ?\S* at \S+@|reach the reporters?|have a (news )?tip\?|got a (news )?(tip|story)|` +
		`if you (enjoyed|liked) (this|reading)|tell us what you think|(earn|receive|get)s? an? .{0,20}(commission|share of)|contains? affiliate links|affiliate (and/or |or )?(referral )?links|` +
		`contributed to this (report|story|article)|(additional )?reporting by|editing by)`)

	// related leads to other articles.
	related = regexp.MustCompile(`(?i)^\W*(related|related (articles?|stories|posts?|news|content|links|topics|coverage|reading)|read (more|also|next)|see (more|also)|also (read|see|on)|more (from|on|in|great|stories|news|articles|like|about|posts?|[a-z]+ (stories|news|articles|posts|reviews))|` +
		`don.?t miss|you (may|might) (also )?(like|be interested)|recommended|trending|most (read|popular|viewed)|popular (posts|articles|stories|now)|latest (news|stories|posts|articles)|what to read next|up next|next article|previous article|` +
		`leia (também|mais)|veja também|lee también|leer más|ver también|à lire( aussi)?|lire aussi|lesen sie (auch|mehr)|mehr (zum thema|dazu)|leggi anche|baca juga|читайте также|関連記事)\b`)

	// sentence is text that ends as sentences do.
	sentence = regexp.MustCompile(`[.!?…。！？]["'”“»’)\]]?$`)

	// numbered is a caption that the text refers to.
	numbered = regexp.MustCompile(`(?i)^(fig(ure)?|table|chart|listing|diagram|abb(ildung)?|tab(elle)?|図|图|表)\.? ?\d`)
)

// invitationWords are quick to find, and every invitation has one of them.
var invitationWords = []string{"sign", "subscri", "newsletter", "inbox", "e-mail", "email", "follow", "click here", "download", "get ", "reach", "write to", "tip?",
	"enjoyed", "liked", "think", "commission", "share of", "affiliate", "contributed", "reporting", "editing", "join us", "like us", "find us", "letterbox"}

// invites reports whether a text is an invitation.
func invites(text string, size int) bool {
	if size <= shortLine && imperative.MatchString(text) {
		return true
	}
	lower := strings.ToLower(text)
	return slices.ContainsFunc(invitationWords, func(w string) bool { return strings.Contains(lower, w) }) && invitation.MatchString(text)
}

// furniture are words in the classes and ids of elements beside an article.
var furniture = dom.SetOf("caption", "captions", "figcaption", "wp-caption-text", "credit", "credits", "copyright", "byline", "author", "authors", "bio", "contributor",
	"related", "recommended", "recommendations", "recirc", "newsletter", "newsletters", "subscribe", "subscription", "signup", "promo", "promos", "promoted", "promotion", "sponsor",
	"sponsored", "ad", "ads", "advert", "advertisement", "advertising", "share", "sharing", "sharedaddy", "social", "sharethis", "addthis", "addtoany", "comment", "comments",
	"disqus", "respond", "tags", "taglist", "tagcloud", "breadcrumb", "breadcrumbs", "timestamp", "pubdate", "dateline", "pagination", "pager", "pagenav", "cookie", "cookies", "gdpr",
	"consent", "popup", "modal", "overlay", "sidebar", "rail", "outbrain", "taboola", "trending", "popular", "carousel", "slideshow",
	"toolbar", "meta", "postmeta", "metadata", "navigation", "nav", "menu", "disclaimer", "affiliate", "donate", "donation", "footer", "printfriendly", "eyebrow", "kicker", "mostread",
	"noprint", "skip", "banner")
