package milvus

import (
	"testing"

	"github.com/milvus-io/milvus-proto/go-api/v2/commonpb"
)

func TestUnready(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status *commonpb.Status
		want   bool
	}{
		{"done", &commonpb.Status{}, false},
		{"starting", &commonpb.Status{Code: 2000, Reason: `Assert "init_flag_ == true"  => Mmap manager has not been init.`}, true},
		{"refused", &commonpb.Status{Code: 65535, Reason: "database is locked"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := isStarting(tt.status); got != tt.want {
				t.Errorf("unready(%v) = %v, want %v", tt.status, got, tt.want)
			}
		})
	}
}
