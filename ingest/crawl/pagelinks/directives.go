package pagelinks

import (
	"net/http"
	"path"
	"regexp"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/robots"
)

// restrict reads the directives of a robots meta element or an X-Robots-Tag header.
// If there are several, the strictest counts.
func (f *finder) restrict(source, content string) {
	for directive := range strings.FieldsFuncSeq(content, func(r rune) bool { return r == ',' || r == ';' }) {
		switch d := strings.ToLower(strings.TrimSpace(directive)); d {
		case "noindex", "nofollow", "none":
			if d != "nofollow" && f.noIndex == "" {
				f.noIndex = source + ": " + d
			}
			if d != "noindex" && f.noFollow == "" {
				f.noFollow = source + ": " + d
			}
		}
	}
}

// readHeader reads the directives, the canonical address and the translations of a header.
func (f *finder) readHeader(header http.Header) {
	for _, value := range header.Values("X-Robots-Tag") {
		f.restrict("X-Robots-Tag", ownDirectives(value))
	}
	for _, value := range header.Values("Link") {
		for _, link := range linkValue.FindAllStringSubmatch(value, -1) {
			rel := relParam.FindStringSubmatch(link[2])
			switch {
			case rel == nil:
			case strings.EqualFold(strings.TrimSpace(rel[1]), "canonical"):
				f.header = append(f.header, link[1])
			case strings.EqualFold(strings.TrimSpace(rel[1]), "alternate") && langParam.MatchString(link[2]):
				f.translations = append(f.translations, link[1])
			}
		}
	}
}

// linkValue matches one link of a Link header, RFC 8288, relParam its type, and langParam
// that it has a language.
var (
	linkValue = regexp.MustCompile(`<([^<>]*)>((?:\s*;\s*[^\s=;,"]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)`)
	langParam = regexp.MustCompile(`(?i);\s*hreflang\s*=`)
	relParam  = regexp.MustCompile(`(?i);\s*rel\s*=\s*"?([^";]*)`)
)

// valued are directives with a value after a colon. Any other name before a colon is
// that of a crawler, and the rest of the line applies only to it.
var valued = map[string]bool{"max-image-preview": true, "max-snippet": true, "max-video-preview": true, "unavailable_after": true}

// ownDirectives returns the directives of an X-Robots-Tag line that are for
// every crawler or for this one.
func ownDirectives(line string) string {
	var own []string
	forUs := true
	for part := range strings.SplitSeq(line, ",") {
		name, rest, named := strings.Cut(part, ":")
		if name = strings.ToLower(strings.TrimSpace(name)); named && !valued[name] {
			forUs = name == "*" || name == robots.Agent
			part = rest
		}
		if forUs {
			own = append(own, part)
		}
	}
	return strings.Join(own, ",")
}

// isAsset reports whether a path is not that of a document: by its extension, or
// because it is the source that Sphinx publishes for each page.
func isAsset(p string) bool {
	return assets[strings.ToLower(path.Ext(p))] || strings.Contains(p, "/_sources/") && strings.HasSuffix(p, ".txt")
}

// assets are extensions of files without text to index. Source code and
// configuration are not included: manuals have pages named package.json and
// node.js. Such files are recognized by their media type when they are fetched.
var assets = func() map[string]bool {
	m := make(map[string]bool)
	for ext := range strings.FieldsSeq(`
		apng avif bmp cur eps gif heic heif ico jpeg jpg jxl png psd svg svgz tif tiff webp
		aac aif aiff avi flac flv m3u8 m4a m4v midi mkv mov mp3 mp4 mpeg mpg oga ogg ogv opus swf wav weba webm wma wmv
		7z apk appimage bz2 cab deb dmg exe gz iso jar lz4 lzma msi msix nupkg rar rpm tar tbz tgz txz vsix war whl xpi xz zip zst
		css eot otf scss ttf wasm webmanifest woff woff2
		dll doc docm docx dylib epub ipynb mobi odp ods odt parquet pickle pkl ppt pptx pyc rtf sqlite xls xlsm xlsx
		asc atom crt csv geojson ics inv jsonl ndjson p12 pem rss sha1 sha256 sha512 sig tsv vcf xml xsd xsl`) {
		m["."+ext] = true
	}
	return m
}()
