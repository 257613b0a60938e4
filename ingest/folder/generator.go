package folder

import (
	"cmp"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// A site is a folder with the settings of a documentation generator.
type site struct {
	name    string   // of the generator; empty if there is none
	folder  string   // that holds the settings
	content string   // folder of the documents
	base    *url.URL // address of the content, if the settings name it
	style   Style
	version string // of the documents; empty if it is unknown
	roots   []root // all folders of documents, if there are several; content is one of them

	numbered    bool              // numbers in front of names are for sorting
	slugged     bool              // addresses are in lower case
	noSlash     bool              // also the address of a folder has no slash at its end
	textIsRST   bool              // files named .txt hold reStructuredText
	private     bool              // files and folders whose names begin with _ are not published
	published   map[string]bool   // but these are
	attributes  map[string]string // of AsciiDoc
	excluded    []string          // globs of files in content that are not published
	definitions string            // of reStructuredText, that all files may use
	includes    []string          // folders where files that others include may be
	// place returns where a file of the folder, by its path, is published before its extension
	// is; false if it is not. nil means in its own place.
	place func(rel string) (string, bool)
	// front returns the path that the front matter gives a page; nil if it gives none.
	front func(values map[string]any, dir, stem string, isIndex bool) (string, bool)
}

// hides reports whether the generator does not publish what has this name.
func (s site) hides(name string, isDir bool) bool {
	return s.private && strings.HasPrefix(name, "_") && !s.published[name] && (isDir || !strings.HasPrefix(name, "_index."))
}

// settingsFiles are the files of settings, and how to read them. The first one that a folder has counts.
var settingsFiles = []struct {
	names []string
	read  func(s *site, text string)
}{
	{[]string{"mkdocs.yml", "mkdocs.yaml"}, readMkDocs},
	{[]string{"docusaurus.config.js", "docusaurus.config.ts", "docusaurus.config.mjs", "docusaurus.config.cjs"}, readDocusaurus},
	{[]string{"astro.config.mjs", "astro.config.ts", "astro.config.js"}, readStarlight},
	{[]string{".vitepress/config.ts", ".vitepress/config.mts", ".vitepress/config.js", ".vitepress/config.mjs", ".vitepress/config/index.ts"}, readVitePress},
	{[]string{"hugo.toml", "hugo.yaml", "hugo.json", "config/_default/hugo.toml", "config/_default/hugo.yaml", "config.toml"}, readHugo},
	{[]string{"book.toml"}, readMdBook},
	{[]string{"docs.json", "mint.json"}, readMintlify},
	{[]string{"antora.yml"}, readAntora},
	{[]string{"conf.py"}, readSphinx},
	{[]string{"_config.yml", "_config.yaml"}, readJekyll},
}

// maxAbove is how many folders above a target are looked at.
const maxAbove = 4

// findSite returns the site that a folder belongs to, or that it holds.
func findSite(dir string) site {
	for at, n := dir, 0; n <= maxAbove; n++ {
		if s := siteAt(at).under(dir); s.name != "" && s.holds(dir) {
			return s
		}
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			break
		}
		up := filepath.Join(at, "..")
		if abs, err := filepath.Abs(up); err != nil || abs == filepath.Dir(abs) {
			break
		}
		at = up
	}
	for _, sub := range []string{"docs", "doc", "website", "site", "docs/source", "doc/source"} {
		if s := siteAt(filepath.Join(dir, sub)); s.name != "" {
			return s
		}
	}
	return site{}
}

// siteAt returns the site whose settings are in a folder.
func siteAt(dir string) site {
	for _, f := range settingsFiles {
		for _, name := range f.names {
			body, err := readHead(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil {
				continue
			}
			s := site{folder: dir, content: dir}
			f.read(&s, string(body))
			if info, err := os.Stat(s.content); s.name != "" && err == nil && info.IsDir() {
				return s
			}
		}
	}
	return site{}
}

// readHead returns the beginning of a file.
func readHead(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxHeadBytes))
}

// isUnder reports whether a folder is another one, or in it.
func isUnder(dir, top string) bool {
	a, errA := filepath.Abs(dir)
	b, errB := filepath.Abs(top)
	rel, err := filepath.Rel(b, a)
	return errA == nil && errB == nil && err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// top returns a setting of YAML, TOML or Python that is not nested; nested one of a
// script at any depth, comments left out.
func top(text, key string) string { return setting(text, `(?m)^`, key) }

func nested(text, key string) string {
	return setting(scriptComment.ReplaceAllString(text, ""), `(?m)(?:^|[\s,{])`, key)
}

var scriptComment = regexp.MustCompile(`(?m)(?:^|[ \t])//.*$`)

func setting(text, before, key string) string {
	m := regexp.MustCompile(before + `["']?` + key + `["']?[ \t]*[:=][ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|` + "`([^`\n]*)`" + `|([^\s"'` + "`" + `,#{}\[\]!]+))`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1] + m[2] + m[3] + m[4]
}

// setBase sets the address of the content from those that settings name.
func (s *site) setBase(address string, paths ...string) {
	u, err := parseBase(address)
	if err != nil || u == nil {
		return
	}
	for _, p := range paths {
		u.Path = path.Join("/", u.Path, p)
	}
	s.base = u
}

func readStarlight(s *site, config string) {
	if !strings.Contains(config, "starlight") {
		return
	}
	s.name, s.style, s.slugged = "starlight", StyleDirectory, true
	if nested(config, "trailingSlash") == "never" {
		s.style, s.noSlash = StyleClean, true
	}
	s.content = filepath.Join(s.folder, "src", "content", "docs")
	s.setBase(nested(config, "site"), nested(config, "base"))
	s.front = func(front map[string]any, _, _ string, _ bool) (string, bool) {
		slug := text(front, "slug")
		if slug != "" && s.style == StyleDirectory {
			slug = strings.Trim(slug, "/") + "/"
		}
		return slug, slug != ""
	}
}

// languageSuffix matches what may be the language of a file.
var languageSuffix = regexp.MustCompile(`^[a-z]{2}(-[a-z]{2,4})?$`)

func readHugo(s *site, config string) {
	base := top(config, "baseURL") + top(config, "baseurl") + top(config, "baseUrl")
	if base == "" && !strings.Contains(config, "theme") {
		return
	}
	s.name, s.style, s.slugged = "hugo", StyleDirectory, true
	if top(config, "uglyURLs") == "true" {
		s.style = StyleHTML
	}
	s.content = filepath.Join(s.folder, "content")
	if strings.Contains(filepath.ToSlash(s.folder), "config/_default") {
		s.content = filepath.Join(s.folder, "..", "..", "content")
	}
	s.setBase(base)
	// The default language has no folder in addresses, if others have theirs.
	standard := cmp.Or(top(config, "defaultContentLanguage"), "en")
	if info, err := os.Stat(filepath.Join(s.content, standard)); err == nil && info.IsDir() && top(config, "defaultContentLanguageInSubdir") != "true" {
		s.place = func(rel string) (string, bool) { return strings.TrimPrefix(rel, standard+"/"), true }
	} else if others, err := filepath.Glob(filepath.Join(s.folder, "config", "_default", "languages.*")); err == nil && (len(others) > 0 || strings.Contains(config, "languages")) {
		s.place = bySuffix(standard, languageSuffix.MatchString)
	}
	s.front = func(front map[string]any, dir, _ string, isIndex bool) (string, bool) {
		if u := text(front, "url"); u != "" && !strings.Contains(u, ":") {
			return strings.TrimPrefix(u, "/"), true
		}
		slug := text(front, "slug")
		return dir + slug + "/", slug != "" && !isIndex
	}
}

func readMdBook(s *site, config string) {
	s.name, s.style = "mdbook", StyleHTML
	dir := top(config, "src")
	if dir == "" {
		dir = "src"
	}
	s.content = filepath.Join(s.folder, filepath.FromSlash(dir))
}

func readMintlify(s *site, config string) {
	if strings.Contains(config, "mintlify") || strings.Contains(config, `"navigation"`) {
		s.name, s.style, s.noSlash = "mintlify", StyleClean, true
	}
}
