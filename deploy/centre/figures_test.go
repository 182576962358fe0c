package centre

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// scrape reads one path of the service and has its names checked.
func (c *Centre) scrape(t *testing.T, path string) Figures {
	t.Helper()
	body := c.page(t, path, http.StatusOK)
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s: %s", path, p.Metric, p.Text)
	}
	f, err := ReadFigures(body)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f
}

// page reads one page of the service, which must have this status.
func (c *Centre) page(t *testing.T, path string, status int) string {
	t.Helper()
	code, body, err := c.Get(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if code != status {
		t.Errorf("%s: status %d, want %d: %s", path, code, status, body)
	}
	return body
}

// pageSays waits until a page holds a text.
func (c *Centre) pageSays(t *testing.T, path, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		_, body, err := c.Get(ctx, path)
		if err == nil && strings.Contains(body, text) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s never says %q: %v\n%s", path, text, err, body)
		case <-tick.C:
		}
	}
}
