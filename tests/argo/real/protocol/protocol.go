// Package protocol reads questions about Argo and Kubernetes from standard input and writes the answers to standard
// output, one JSON object a line. The programs beside it answer them with one version of Argo or Kubernetes each.
package protocol

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// Question holds the fields of every kind of question; Ask says which kind it is.
type Question struct {
	// Ask is "manifest", "yaml", "schedule", "expand", "syntax", "retry", "pod" or "image".
	Ask string `json:"ask"`
	// Text is the manifest or YAML text, the schedule, the text in which tags are expanded, the expression of a
	// retry, the pod, or the image.
	Text string `json:"text"`
	// Zone is the time zone of a schedule.
	Zone string `json:"zone"`
	// Stored holds the manifests of WorkflowTemplates that the cluster already has.
	Stored []string `json:"stored"`
	// Values holds the values of the tags to expand, or of the names in an expression.
	Values map[string]string `json:"values"`
	// Patches holds the patches of a pod's specification.
	Patches []string `json:"patches"`
}

// Answer says what Argo made of a question.
type Answer struct {
	// Error is Argo's refusal; it is empty if Argo accepted.
	Error string `json:"error"`
	// Value is what Argo read: the JSON of a manifest or of YAML, or the expanded text.
	Value any `json:"value"`
}

// Serve answers questions until standard input ends.
func Serve(answer func(Question) (any, error)) error {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 64<<20)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		var question Question
		if err := json.Unmarshal(input.Bytes(), &question); err != nil {
			return fmt.Errorf("cannot read a question: %w", err)
		}
		if err := output.Encode(reply(question, answer)); err != nil {
			return err
		}
	}
	return input.Err()
}

func reply(question Question, answer func(Question) (any, error)) (result Answer) {
	defer func() {
		if reason := recover(); reason != nil {
			result = Answer{Error: fmt.Sprintf("panic: %v", reason)}
		}
	}()
	value, err := answer(question)
	if err != nil {
		return Answer{Error: err.Error(), Value: value}
	}
	return Answer{Value: value}
}
