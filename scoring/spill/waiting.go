package spill

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Waiting counts the records in the spill file at path, beside a running
// service or without one. A file that is not there has none; a line that is no
// record is not counted.
func Waiting(path string) (records int, err error) {
	return records, each(path, func([]byte) error { records++; return nil })
}

// Copy copies the records that wait in the spill file at path to the file to,
// durably and readable to its owner only, whatever stands there, and counts
// them. If there are none, no file is there afterwards. Taken before a copy of
// the store, what it lacks is in that copy.
func Copy(path, to string) (records int, err error) {
	part := to + ".unfinished"
	file, err := openFile(part) // through no link: it may be made where others can write
	if err != nil {
		return 0, fmt.Errorf("copy spill file to %q: %w", part, err)
	}
	if err = file.Truncate(0); err == nil {
		records, err = add(file, path)
	}
	if err = errors.Join(err, file.Close()); err != nil || records == 0 {
		err = errors.Join(err, os.Remove(part))
		if records == 0 && err == nil {
			err = remove(to)
		}
		return 0, err
	}
	if err := errors.Join(os.Rename(part, to), syncFolder(to)); err != nil {
		return 0, fmt.Errorf("copy spill file: %w", err)
	}
	return records, nil
}

func remove(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Take puts the records of the file from behind those in the spill file at
// path, for the next start to replay, durably, and counts them. Those that the
// store has, or that were taken before, change nothing. A file that is not there has none.
// Errors wrap ErrInUse or those of the files.
func Take(path, from string) (records int, err error) {
	file, err := openFile(path)
	if err != nil {
		return 0, fmt.Errorf("open spill file %q: %w", path, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, fmt.Errorf("open spill file %q: %w", path, err)
	}
	if end > 0 { // a last line that was cut off is ended
		last := []byte{0}
		if _, err := file.ReadAt(last, end-1); err != nil {
			return 0, fmt.Errorf("read spill file %q: %w", path, err)
		}
		if last[0] != '\n' {
			if _, err := file.Write([]byte{'\n'}); err != nil {
				return 0, fmt.Errorf("write spill file %q: %w", path, err)
			}
		}
	}
	if records, err = add(file, from); err != nil {
		return 0, errors.Join(err, file.Truncate(end))
	}
	return records, nil
}

// add writes the records of the file from behind what was written to file, durably.
func add(file *os.File, from string) (records int, err error) {
	out := bufio.NewWriter(file)
	err = each(from, func(line []byte) error {
		records++
		_, err := out.Write(line)
		return err
	})
	if err := errors.Join(err, out.Flush(), file.Sync()); err != nil {
		return 0, fmt.Errorf("copy spill file %q to %q: %w", from, file.Name(), err)
	}
	return records, nil
}

// each hands over the lines of a file that are records.
func each(path string, line func([]byte) error) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read spill file: %w", err)
	}
	lines := bufio.NewReader(file)
	for {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) { // what is cut off was confirmed to nobody
			return file.Close()
		}
		if err == nil {
			if _, fault := parse(text); fault == nil {
				err = line(text)
			}
		}
		if err != nil {
			return errors.Join(fmt.Errorf("read spill file %q: %w", path, err), file.Close())
		}
	}
}
