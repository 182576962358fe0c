package compare

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"aftercall/configs/i18n"
)

// TestEveryAgentsRemarkHasWords, in all languages, with a verb for each
// argument that the list names.
func TestEveryAgentsRemarkHasWords(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "agents_remark.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	args := map[string]int{}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Code" {
			code := strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`)
			list, _, _ := strings.Cut(v.Comment.Text(), ": those")
			list = strings.TrimPrefix(list, "args: ")
			switch {
			case strings.HasPrefix(list, "no args"):
				args[code] = 0
			default:
				args[code] = strings.Count(list, ",") + 1
			}
		}
		return true
	})
	if len(args) < 10 {
		t.Fatalf("only %d codes found: %v", len(args), args)
	}
	for code, n := range args {
		for _, l := range i18n.Languages {
			text := i18n.For(l).T(AgentWords + code)
			if text == AgentWords+code {
				t.Errorf("no words in %s for %s", l, code)
			}
			if got := strings.Count(text, "%s"); got != n || strings.Count(text, "%") != n {
				t.Errorf("%s in %s takes %d arguments, want %d: %q", code, l, got, n, text)
			}
		}
	}
}
