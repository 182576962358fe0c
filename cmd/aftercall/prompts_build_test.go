package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recordings is what the shipped configuration says of recordings, and what a
// test puts in its place.
var recordings = []string{`recordings: ""`, "recordings: recordings"}

// record puts a file into the folder of recordings of a site.
func record(t *testing.T, path, name string, content []byte) {
	t.Helper()
	file := filepath.Join(filepath.Dir(path), "recordings", name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// The first build says what it makes, from what, and what is amiss; the second
// makes nothing and says again what is amiss.
func TestPromptsBuildTellsOfRecordings(t *testing.T) {
	path := built(t)
	c := load(t, path)
	files, err := soundFiles(c)
	if err != nil {
		t.Fatal(err)
	}
	// A text that the engine has spoken is a good recording.
	spoken, err := os.ReadFile(filepath.Join(c.Prompts.Folder, files[len(files)-1].Name+".wav"))
	if err != nil {
		t.Fatal(err)
	}
	path = site(t, recordings...)
	record(t, path, "habit/option-1.en.wav", spoken)
	record(t, path, "habit/option-9.en.wav", spoken)
	const (
		stray = `level=WARN msg="recording \"habit/option-9.en.wav\": is heard nowhere, want a name such as habit/option-1.en.wav"`
		mixed = `level=WARN msg="text \"for satisfied, press 1\" in en: is not one sound everywhere: habit/option-1 from habit/option-1.en.wav, gap/option-1 by the engine,`
		made  = `recording=…/recordings/habit/option-1.en.wav file=recorded-`
	)
	stdout, log, status := command(t, path, "prompts", "build")
	if status != 0 || stdout != "30 sounds made, 30 in all, in …/prompts\n" {
		t.Errorf("status %d: %s%s", status, stdout, log)
	}
	for _, want := range []string{stray, mixed, made} {
		if strings.Count(log, want) != 1 {
			t.Errorf("the log says %d times %s:\n%s", strings.Count(log, want), want, log)
		}
	}
	stdout, log, status = command(t, path, "prompts", "build")
	if status != 0 || stdout != "0 sounds made, 30 in all, in …/prompts\n" || strings.Count(log, "\n") != 2 || !strings.Contains(log, stray) {
		t.Errorf("again: status %d: %s%s", status, stdout, log)
	}
}

// Every recording that cannot be used is named, with status 1, and no text is spoken.
func TestPromptsBuildFaults(t *testing.T) {
	path := site(t, recordings...)
	stdout, log, status := command(t, path, "prompts", "build")
	if status != 1 || stdout != "" || log != "folder of recordings \"…/recordings\": no such file or directory\n" {
		t.Errorf("without the folder: status %d: %s%s", status, stdout, log)
	}
	record(t, path, "habit/option-1.en.wav", []byte("ID3\x04"))
	record(t, path, "gap/ask.zh-CN.wav", []byte("OggS"))
	const want = "recording \"…/recordings/gap/ask.zh-CN.wav\": is Ogg, want WAV\n" +
		"recording \"…/recordings/habit/option-1.en.wav\": is MP3, want WAV\n"
	stdout, log, status = command(t, path, "prompts", "build")
	if status != 1 || stdout != "" || log != want {
		t.Errorf("status %d: %s%s, want %s", status, stdout, log, want)
	}
	path = site(t, "command: [espeak-ng,", "command: [no-engine-of-that-name,")
	stdout, log, status = command(t, path, "prompts", "build")
	if status != 1 || stdout != "" || !strings.HasSuffix(log, ": engine: no-engine-of-that-name: is not installed\n") {
		t.Errorf("without the engine: status %d: %s%s", status, stdout, log)
	}
}
