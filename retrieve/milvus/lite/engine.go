package lite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/citewell/citewell/internal/wheel"
)

// version is the Milvus Lite that is fetched: the last one whose engine is a native
// program. Later ones are written in Python and search more slowly (2026-11).
const version = "2.5.1"

// program is the engine's name in its folder.
const program = "milvus"

// otherWays ends the error message of a machine where Milvus Lite can't run.
const otherWays = ": run a server instead (docker compose up -d, then --milvus http://localhost:19530), " +
	"or use Zilliz Cloud (--milvus https://… with MILVUS_TOKEN)"

// wheels are the published wheels of [version] (2026-11-21).
var wheels = map[string]wheel.Spec{
	"linux/amd64":  {Platform: "manylinux2014_x86_64", Bytes: 55_263_911, SHA256: "25ce13f4b8d46876dd2b7ac8563d7d8306da7ff3999bb0d14b116b30f71d706c"},
	"linux/arm64":  {Platform: "manylinux2014_aarch64", SHA256: "a13277e9bacc6933dea172e42231f7e6135bd3bdb073dd2688ee180418abd8d9"},
	"darwin/arm64": {Platform: "macosx_11_0_arm64", SHA256: "a2e031088bf308afe5f8567850412d618cfb05a65238ed1a6117f60decccc95a"},
	"darwin/amd64": {Platform: "macosx_10_9_x86_64", SHA256: "6b014453200ba977be37ba660cb2d021030375fa6a35bc53c2e1d92980a0c512"},
}

// Find returns the folder with the engine and its libraries: in c.Dir or in the cache.
// If the cache lacks them, pip fetches them.
func Find(ctx context.Context, c Config) (string, error) {
	if c.Dir != "" {
		return inDir(c.Dir)
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	spec, ok := wheels[platform]
	if !ok {
		return "", fmt.Errorf("there is no Milvus Lite for %s%s", platform, otherWays)
	}
	spec.Name, spec.Version, spec.Prefix = "milvus-lite", version, "milvus_lite/lib/"
	cache := c.CacheDir
	if cache == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		cache = filepath.Join(base, "citewell")
	}
	dir, err := wheel.Fetch(ctx, spec, cache, c.Progress)
	if errors.Is(err, wheel.ErrNoPip) {
		return "", fmt.Errorf("%w: install Python's pip, or put the folder milvus_lite/lib of the wheel %s "+
			"into CITEWELL_MILVUS_LITE, or%s", err, spec, otherWays[1:])
	}
	if err != nil {
		return "", err
	}
	return inDir(dir)
}

// inDir returns the folder of the engine in dir, as the user gave it, or below.
func inDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for _, sub := range []string{".", "lib", "milvus_lite/lib"} {
		d := filepath.Join(abs, filepath.FromSlash(sub))
		if fi, err := os.Stat(filepath.Join(d, program)); err == nil && fi.Mode().IsRegular() {
			return d, nil
		}
	}
	return "", fmt.Errorf("no program %s in %s: CITEWELL_MILVUS_LITE must name the folder milvus_lite/lib "+
		"of the wheel milvus-lite==%s", program, dir, version)
}
