//go:build race

package crashtest

// Runs that are killed, and pages of the site: the race detector makes each run
// ten times as long.
const (
	points    = 4
	sitePages = 300
)
