//go:build !race

package crashtest

// Runs that are killed, and pages of the site.
const (
	points    = 10
	sitePages = 300
)
