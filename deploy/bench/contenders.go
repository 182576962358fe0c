package bench

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "aftercall/scoring/sqlite" // the driver
)

//go:embed survey/caller.xml survey/agi.py survey/node.js survey/package.json survey/package-lock.json survey/.npmrc
var surveyFiles embed.FS

// plain is the survey that is nothing but dialplan. The answer goes into the
// call record, which Asterisk writes to SQLite.
func (st *stage) plain(ctx context.Context) (contender, error) {
	folder := filepath.Dir(st.Asterisk.LogFile)
	st.cdrs = filepath.Join(folder, "master.db")
	conf := `[master]
table = cdr
columns = start, src, dst, duration, billsec, disposition, uniqueid, agent, rating
fields = start, src, dst, duration, billsec, disposition, uniqueid, agent(uservar), rating(uservar)
`
	if err := os.WriteFile(filepath.Join(st.Asterisk.ConfigFolder, "cdr_sqlite3_custom.conf"), []byte(conf), 0o644); err != nil {
		return contender{}, err
	}
	if err := st.load(ctx, "func_cdr", "res_cdrel_custom", "cdr_sqlite3_custom"); err != nil {
		return contender{}, err
	}
	return contender{
		Name: "a: dialplan", CDR: true,
		Plan: fmt.Sprintf(` same => n,Read(KEY,%s,1,,1,5)
 same => n,Set(CDR(agent)=${MEMBERINTERFACE})
 same => n,Set(CDR(rating)=${KEY})
 same => n,Playback(%s)
`, strings.Join(st.menu, "&"), strings.Join(st.thanks, "&")),
		Kept: func(ctx context.Context) (int, error) {
			return count(ctx, st.cdrs, "SELECT count(*) FROM cdr WHERE rating = '1' AND agent = '"+ratedAgent+"'")
		},
	}, nil
}

// load has Asterisk load modules that the lab does not have of itself.
func (st *stage) load(ctx context.Context, modules ...string) error {
	for _, m := range modules {
		said, err := st.Asterisk.CLI(ctx, "module load "+m)
		if err == nil && !strings.Contains(said, "Loaded "+m) {
			err = fmt.Errorf("asterisk does not load %s: %s", m, said)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ours is aftercall, entered as its own dialplan says.
func (st *stage) ours(context.Context) (contender, error) {
	return contender{
		Name: "d: aftercall",
		Plan: " same => n,Gosub(aftercall-rate,s,1(" + ratedQueue + "))\n",
		PID:  st.ServicePID,
		Kept: func(ctx context.Context) (int, error) {
			return count(ctx, st.Store(), `SELECT count(*) FROM calls JOIN answers ON answers.call = calls.id
				WHERE calls.reason = 'completed' AND answers.outcome = 'rated' AND answers.entry = '1' AND calls.interface = '`+ratedAgent+`'`)
		},
	}, nil
}

// agi is the survey by FastAGI: one process of Python with a thread for each
// caller, which adds a line to a file for each answer and does not wait for
// the disk.
func (st *stage) agi(ctx context.Context) (contender, error) {
	if err := st.load(ctx, "res_speech", "res_agi"); err != nil {
		return contender{}, err
	}
	script, err := unpack("agi.py", st.Run)
	if err != nil {
		return contender{}, err
	}
	answers := filepath.Join(st.Run, "answers")
	h, err := st.help(ctx, nil, "python3", script, strings.Join(st.menu, "&"), strings.Join(st.thanks, "&"), answers)
	if err != nil {
		return contender{}, err
	}
	return contender{
		Name: "b: FastAGI",
		Plan: fmt.Sprintf(" same => n,AGI(agi://127.0.0.1:%s,${MEMBERINTERFACE})\n", h.First),
		PID:  h.PID,
		Kept: func(context.Context) (int, error) {
			b, err := os.ReadFile(answers)
			return strings.Count(string(b), " "+ratedAgent+" 1\n"), err
		},
	}, nil
}

// node is the survey by node-ari-client, which stores nothing.
func (st *stage) node(ctx context.Context) (contender, error) {
	folder, err := st.s.npm(ctx)
	if err != nil {
		return contender{}, err
	}
	return st.client(ctx, "c: node-ari-client", nil, "node", filepath.Join(folder, "node.js"))
}

// bare is the least that a client in Go can do, which stores nothing.
func (st *stage) bare(ctx context.Context) (contender, error) {
	program := filepath.Join(st.Run, "bench")
	if err := st.s.build(ctx, program); err != nil {
		return contender{}, err
	}
	return st.client(ctx, "e: bare Go client, storing nothing", nil, program, "bare-client")
}

// bareDurable is the same client, with the disk that aftercall waits for. Its
// program is that of bare.
func (st *stage) bareDurable(ctx context.Context) (contender, error) {
	return st.client(ctx, "f: bare Go client, 2 syncs a survey", []string{"JOURNAL=" + filepath.Join(st.Run, "journal")}, filepath.Join(st.Run, "bench"), "bare-client")
}

// bareByLibraries is the same client, made of the libraries that aftercall is made
// of. Its program is that of bare.
func (st *stage) bareByLibraries(ctx context.Context) (contender, error) {
	path := filepath.Join(st.Run, "bare.db")
	c, err := st.client(ctx, "g: bare Go client, net/http and SQLite", []string{"DATABASE=" + path}, filepath.Join(st.Run, "bench"), "bare-client")
	c.Kept = func(ctx context.Context) (int, error) {
		return count(ctx, path, "SELECT count(*) FROM calls JOIN answers USING (channel) WHERE key = '1'")
	}
	return c, err
}

// bareWithStore is that client with a store of aftercall's own instead. Its program is
// that of bare.
func (st *stage) bareWithStore(ctx context.Context) (contender, error) {
	path := filepath.Join(st.Run, "bare-store.db")
	c, err := st.client(ctx, "h: bare Go client, net/http and our store", []string{"STORE=" + path}, filepath.Join(st.Run, "bench"), "bare-client")
	c.Kept = func(ctx context.Context) (int, error) {
		return count(ctx, path, "SELECT count(*) FROM calls JOIN answers ON answers.call = calls.id WHERE calls.reason = 'completed' AND answers.entry = '1'")
	}
	return c, err
}

// client starts a client of ARI under an application of its own. It answers
// with the number of callers who have pressed a key and heard the thank-you.
func (st *stage) client(ctx context.Context, name string, env []string, program, arg string) (contender, error) {
	app := "client-" + name[:1]
	media := func(files []string) string { return "sound:" + strings.Join(files, ",sound:") }
	env = append([]string{"JOURNAL=", "DATABASE=", "STORE="}, env...) // nobody else's files
	env = append(env, "ARI_URL="+strings.TrimSuffix(st.Asterisk.ARIURL, "/ari"), "ARI_USER="+st.Asterisk.ARIUser, "ARI_PASSWORD="+st.Asterisk.ARIPassword,
		"ARI_APP="+app, "MENU="+media(st.menu), "THANKS="+media(st.thanks))
	h, err := st.help(ctx, env, program, arg)
	if err != nil {
		return contender{}, err
	}
	return contender{
		Name: name,
		Plan: " same => n,Stasis(" + app + ",agent=${MEMBERINTERFACE})\n",
		PID:  h.PID,
		Kept: func(ctx context.Context) (int, error) {
			said, err := h.Ask(ctx)
			if err != nil {
				return 0, err
			}
			return strconv.Atoi(said)
		},
	}, nil
}

// count asks a database that another process writes for one number; 0 if it
// is not there yet.
func count(ctx context.Context, path, query string) (n int, err error) {
	if _, err := os.Stat(path); os.IsNotExist(err) {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if err := db.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// unpack puts one of the surveys' files into a folder.
func unpack(name, folder string) (path string, err error) {
	b, err := surveyFiles.ReadFile("survey/" + name)
	if err != nil {
		return "", err
	}
	path = filepath.Join(folder, name)
	return path, os.WriteFile(path, b, 0o644)
}
