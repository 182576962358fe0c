package asterisk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Bounds of what is read of Asterisk's configuration.
const (
	maxConf      = 4 << 20  // bytes of one file
	maxConfAll   = 32 << 20 // bytes of all that one file includes
	maxConfFiles = 500      // that one file includes, directly and through others
	maxConfLines = 1 << 20  // with what is inherited: templates can double at every step
)

// conf is one of Asterisk's configuration files with all that it includes.
type conf struct {
	sections []*confSection
	// partly says what was not read: Asterisk may know more than stands here.
	partly string

	folder string
	files  int
	bytes  int
	lines  int
	byName map[string]*confSection
	in     *confSection
	again  bool // the section stands there already and is not continued with (+)
	remark bool // inside ;-- … --;
}

// confSection is everything that stands under one name, what it inherits first.
type confSection struct {
	name  string
	lines []confLine
}

type confLine struct {
	key, value string
	again      bool // stands where the name of the section is repeated without (+)
}

// readConf reads a file of Asterisk's configuration folder as Asterisk does:
// with #include, templates and sections that are continued. Sections of one
// name are one. The error is that of the file itself; what is wrong with an
// included file is told in partly.
func readConf(folder, name string) (*conf, error) {
	c := &conf{folder: folder, byName: map[string]*confSection{}}
	text, err := readConfFile(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	c.read(text)
	return c, nil
}

// readConfFile reads what is a file: a pipe or a device may never end, or
// never begin.
func readConfFile(path string) (string, error) {
	if st, err := os.Stat(path); err != nil {
		return "", err
	} else if !st.Mode().IsRegular() {
		return "", fmt.Errorf("%s: is no file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxConf+1))
	if err == nil && len(b) > maxConf {
		err = fmt.Errorf("%s: more than %d bytes", path, maxConf)
	}
	return string(b), err
}

func (c *conf) read(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(c.uncomment(line))
		switch {
		case line == "":
		case line[0] == '#':
			c.directive(line[1:])
		case line[0] == '[':
			c.section(line)
		case c.in != nil:
			key, value, _ := strings.Cut(line, "=")
			value = strings.TrimPrefix(value, ">")
			c.add(confLine{strings.TrimSpace(key), strings.TrimSpace(value), c.again})
		}
	}
}

// add puts lines into the section, as many as there is room for.
func (c *conf) add(lines ...confLine) {
	if room := maxConfLines - c.lines; len(lines) > room {
		c.partly = fmt.Sprintf("more than %d lines", maxConfLines)
		lines = lines[:room]
	}
	c.lines += len(lines)
	c.in.lines = append(c.in.lines, lines...)
}

// uncomment takes the comments out of a line; \; is no comment.
func (c *conf) uncomment(line string) string {
	var out strings.Builder
	for line != "" {
		if c.remark {
			_, rest, ended := strings.Cut(line, "--;")
			if !ended {
				break
			}
			c.remark, line = false, rest
			continue
		}
		i := strings.IndexByte(line, ';')
		switch {
		case i < 0:
			out.WriteString(line)
			return out.String()
		case i > 0 && line[i-1] == '\\':
			out.WriteString(line[:i-1] + ";")
			line = line[i+1:]
		case strings.HasPrefix(line[i:], ";--") && !strings.HasPrefix(line[i:], ";---"):
			out.WriteString(line[:i])
			c.remark, line = true, line[i+3:]
		default:
			out.WriteString(line[:i])
			return out.String()
		}
	}
	return out.String()
}

var confHead = regexp.MustCompile(`^\[([^\]]*)\]\s*(?:\(([^)]*)\))?`)

// section begins a section or goes on with one: [name](!,+,template).
func (c *conf) section(line string) {
	m := confHead.FindStringSubmatch(line)
	if m == nil {
		c.in = nil
		return
	}
	c.again = true
	if c.in = c.find(m[1]); c.in == nil {
		c.in, c.again = &confSection{name: m[1]}, false
		c.sections = append(c.sections, c.in)
		c.byName[m[1]] = c.in
	}
	var inherited []*confSection
	for option := range strings.SplitSeq(m[2], ",") {
		option = strings.TrimSpace(option)
		if option == "+" {
			c.again = false
		} else if from := c.find(option); from != nil && from != c.in {
			inherited = append(inherited, from)
		}
	}
	for _, from := range inherited {
		for _, l := range from.lines {
			c.add(confLine{l.key, l.value, c.again})
		}
	}
}

func (c *conf) find(name string) *confSection { return c.byName[name] }

// value gives the last value of a key, which is the one that counts; ok tells
// whether the section has it.
func (c *conf) value(section, key string) (v string, ok bool) {
	s := c.find(section)
	if s == nil {
		return "", false
	}
	for _, l := range s.lines {
		if strings.EqualFold(l.key, key) {
			v, ok = l.value, true
		}
	}
	return v, ok
}

// skipping gives the section as app_queue reads it, which skips what stands
// where the name is repeated without (+). It must be there.
func (c *conf) skipping(section string) *conf {
	s := &confSection{name: section}
	for _, l := range c.find(section).lines {
		if !l.again {
			s.lines = append(s.lines, l)
		}
	}
	return &conf{byName: map[string]*confSection{section: s}}
}

// directive follows #include and #tryinclude. What an #exec prints is not asked.
func (c *conf) directive(text string) {
	kind, name, _ := strings.Cut(strings.ReplaceAll(text, "\t", " "), " ")
	name = strings.Trim(strings.TrimSpace(name), `"<>`)
	switch kind {
	case "include", "tryinclude":
	default:
		c.partly = "#" + kind + " " + name
		return
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(c.folder, name)
	}
	names, err := filepath.Glob(name)
	if err != nil || len(names) == 0 {
		if kind == "include" {
			c.partly = fmt.Sprintf("#include %s: no such file", name)
		}
		return
	}
	for _, name := range names {
		if c.files++; c.files > maxConfFiles {
			c.partly = fmt.Sprintf("more than %d included files", maxConfFiles)
			return
		}
		included, err := readConfFile(name)
		if err != nil {
			c.partly = plain(err)
			continue
		}
		if c.bytes += len(included); c.bytes > maxConfAll {
			c.partly = fmt.Sprintf("more than %d bytes of included files", maxConfAll)
			return
		}
		remark := c.remark
		c.remark = false
		c.read(included)
		c.remark = remark
	}
}

// yes tells whether Asterisk takes a value for a yes.
func yes(value string) bool {
	return slices.Contains([]string{"yes", "true", "y", "t", "1", "on"}, strings.ToLower(value))
}

// plain words an error of a file without the system call.
func plain(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Sprintf("%s: %v", p.Path, p.Err)
	}
	return err.Error()
}
