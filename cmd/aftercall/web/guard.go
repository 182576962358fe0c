package web

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// guard puts what protects a reader's browser on every answer, and answers
// only those who ask for us by a name that is ours: the page of another site
// can have its own name lead to our address (DNS rebinding), and would then be
// allowed by the browser to read what we say and to ask for a reload. A proxy
// names us by the address at which it reaches us, or by a name that hosts
// gives. /healthz says nothing, so probes may call us what they like.
func guard(hosts func() []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		if r.URL.Path != "/healthz" && !ours(r.Host, hosts()) {
			http.Error(w, fmt.Sprintf("%.300q is no name of this service, want its address, or the name in http.hosts of the configuration", r.Host), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// protect keeps answers out of other sites' pages, out of caches, and from
// being taken for anything but what they are.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// ours reports whether a Host header names this service: nothing, an address,
// a name without a dot, which no other site can have, or one of the hosts.
func ours(header string, hosts []string) bool {
	name := header
	if host, _, err := net.SplitHostPort(header); err == nil {
		name = host
	}
	name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"), ".")
	if !strings.Contains(name, ".") || net.ParseIP(name) != nil {
		return true
	}
	return slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, name) })
}
