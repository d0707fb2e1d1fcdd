// Reads {"patterns": [...], "paths": [...]} per line; writes per line which paths Docker's own matcher ignores.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type question struct {
	Patterns []string `json:"patterns"`
	Paths    []string `json:"paths"`
}

type answer struct {
	Error   string `json:"error,omitempty"`
	Ignored []bool `json:"ignored"`
}

func judge(asked question) answer {
	patterns, err := ignorefile.ReadAll(strings.NewReader(strings.Join(asked.Patterns, "\n")))
	if err != nil {
		return answer{Error: err.Error()}
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return answer{Error: err.Error()}
	}
	found := answer{Ignored: []bool{}}
	for _, path := range asked.Paths {
		ignored, err := matcher.MatchesOrParentMatches(path)
		if err != nil {
			return answer{Error: err.Error()}
		}
		found.Ignored = append(found.Ignored, ignored)
	}
	return found
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 0, 1<<20), 1<<26)
	output := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := output.Encode(judge(asked)); err != nil {
			panic(err)
		}
	}
}
