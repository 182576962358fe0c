package sqlite

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Sizes and places in a -wal file; see https://www.sqlite.org/fileformat2.html#walformat.
const (
	logHeader   = 32
	frameHeader = 24
	logMagic    = 0x377f0682 // or one more, where checksums are of big-endian words
	usualPage   = 4096       // where the header cannot be believed
)

// soundLog refuses a database whose -wal file is damaged where it was on the
// disk already. SQLite would take the damage for the end of the log and forget
// every commit behind it in silence: it cannot tell the two apart, but here
// each commit was brought to the disk before the next was written. So a crash
// leaves at most one that is not whole, and nothing of the same log behind it.
// Damage in the last commit looks like a crash.
func soundLog(path string) error {
	file, err := os.Open(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault("open database", path, err)
	}
	commit, err := lostBehind(bufio.NewReaderSize(file, 1<<20))
	if err = errors.Join(err, file.Close()); err != nil {
		return fault("open database", path, err)
	}
	if commit {
		return fmt.Errorf("open database %q: %w: its -wal file is damaged in the middle, and commits behind that are lost to SQLite: want a restored backup; to go on with what stands before the damage, put the files aside, and open a copy once with sqlite3", path, ErrCorrupt)
	}
	return nil
}

// lostBehind tells whether a log goes on behind a commit that cannot be read.
func lostBehind(r io.Reader) (bool, error) {
	head := make([]byte, logHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return false, ended(err)
	}
	word := func(b []byte, i int) uint32 { return binary.BigEndian.Uint32(b[4*i:]) }
	var order binary.ByteOrder = binary.NativeEndian // which SQLite takes
	switch word(head, 0) {
	case logMagic:
		order = binary.LittleEndian
	case logMagic + 1:
		order = binary.BigEndian
	}
	page := int(word(head, 2))
	a, b := checksum(order, head[:24], 0, 0)
	broken := word(head, 0)&^1 != logMagic || page < 512 || page > 65536 || a != word(head, 6) || b != word(head, 7)
	salt := [2]uint32{word(head, 4), word(head, 5)}
	known := !broken
	if broken {
		page = usualPage
	}
	frame := make([]byte, frameHeader+page)
	for commit := false; ; { // the frame before ends a commit that cannot be read
		if _, err := io.ReadFull(r, frame); err != nil {
			return false, ended(err)
		}
		of := [2]uint32{word(frame, 2), word(frame, 3)}
		if !known { // the header is lost: the log is that of its first frame
			salt, known = of, true
		}
		a, b = checksum(order, frame[:8], a, b)
		a, b = checksum(order, frame[frameHeader:], a, b)
		follows := of == salt && a == word(frame, 4) && b == word(frame, 5)
		if commit && follows { // else it is left of a commit that failed, and was written over
			return true, nil
		}
		broken = broken || !follows
		commit = broken && of == salt && word(frame, 1) != 0
		a, b = word(frame, 4), word(frame, 5)
	}
}

// ended makes no fault of a file's end.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// checksum goes on from a and b over pairs of words.
func checksum(order binary.ByteOrder, data []byte, a, b uint32) (uint32, uint32) {
	for ; len(data) >= 8; data = data[8:] {
		a += order.Uint32(data) + b
		b += order.Uint32(data[4:]) + a
	}
	return a, b
}
