package asterisk

import (
	"context"
	"fmt"
	"sync"
)

// Names keeps which node calls itself what. Unique ids begin with the
// systemname: with the same one, or none, on two Asterisks their calls could
// not be told apart, and ratings would be lost. The nodes of one service
// share one.
type Names struct {
	mu sync.Mutex
	of map[string]string // systemname -> node
}

// NewNames begins with none.
func NewNames() *Names { return &Names{of: map[string]string{}} }

// claim gives a systemname to a node in place of the one it had. If another
// node has it, that one is named and nothing changes.
func (n *Names) claim(node, system string) (other string, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if other, taken := n.of[system]; taken && other != node {
		return other, false
	}
	n.forget(node)
	n.of[system] = node
	return "", true
}

// free gives a node's systemname back.
func (n *Names) free(node string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.forget(node)
}

func (n *Names) forget(node string) {
	for system, of := range n.of {
		if of == node {
			delete(n.of, system)
		}
	}
}

// identify asks Asterisk for its systemname. It fails if that is another
// node's; note says what is wrong with it though we can work.
func (n *Node) identify(ctx context.Context) (note string, err error) {
	system, err := n.client.systemName(ctx)
	if err != nil {
		return "", err
	}
	if other, ok := n.surveys.Names.claim(n.server.Name, system); !ok {
		return "", fmt.Errorf("node %q: its systemname %q is also that of node %q: their calls could not be told apart; write another systemname into asterisk.conf, [options], of one of them and restart that Asterisk", n.server.Name, system, other)
	}
	switch system {
	case n.server.Name:
		return "", nil
	case "":
		note = fmt.Sprintf("Asterisk has no systemname: write systemname = %s into asterisk.conf, [options], and restart it; until then its unique ids could come twice", n.server.Name)
	default:
		note = fmt.Sprintf("Asterisk calls itself %q, the configuration %q: call the node by its systemname", system, n.server.Name)
	}
	n.surveys.Log.Warn("systemname is not the node's name", "note", note)
	return note, nil
}
