// Command v4 answers questions about manifests as Argo Workflows 4 does.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	wfv1 "github.com/argoproj/argo-workflows/v4/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v4/util/expr/argoexpr"
	"github.com/argoproj/argo-workflows/v4/util/expr/env"
	"github.com/argoproj/argo-workflows/v4/util/logging"
	"github.com/argoproj/argo-workflows/v4/util/template"
	"github.com/argoproj/argo-workflows/v4/workflow/common"
	"github.com/argoproj/argo-workflows/v4/workflow/templateresolution"
	"github.com/argoproj/argo-workflows/v4/workflow/validate"
	"github.com/expr-lang/expr/parser"
	"github.com/robfig/cron/v3"
	"sigs.k8s.io/yaml"

	"protocol"
)

var ctx = logging.WithLogger(context.Background(), logging.NewSlogLoggerCustom(logging.Error, logging.Text, os.Stderr))

// stored is the set of workflow templates that the cluster has.
type stored map[string]*wfv1.WorkflowTemplate

func (templates stored) Get(_ context.Context, name string) (*wfv1.WorkflowTemplate, error) {
	if template, ok := templates[name]; ok {
		return template, nil
	}
	return nil, fmt.Errorf("workflowtemplates.argoproj.io %q not found", name)
}

func main() {
	if err := protocol.Serve(answer); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(question protocol.Question) (any, error) {
	switch question.Ask {
	case "manifest":
		return judge(question)
	case "yaml":
		read, err := yaml.YAMLToJSONStrict([]byte(question.Text))
		return json.RawMessage(read), err
	case "schedule":
		if _, err := cron.ParseStandard(question.Text); err != nil {
			return nil, err
		}
		_, err := time.LoadLocation(question.Zone)
		return nil, err
	case "expand":
		return expand(question)
	case "syntax":
		_, err := parser.Parse(question.Text)
		return nil, err
	case "retry":
		scope := map[string]any{}
		for name, value := range question.Values {
			scope[name] = value
		}
		return argoexpr.EvalBool(question.Text, env.GetFuncMap(scope))
	default:
		return nil, fmt.Errorf("unknown question %q", question.Ask)
	}
}

func judge(question protocol.Question) (any, error) {
	templates := stored{}
	for _, text := range question.Stored {
		for _, parsed := range common.ParseObjects(ctx, []byte(text), true) {
			if template, ok := parsed.Object.(*wfv1.WorkflowTemplate); ok && parsed.Err == nil {
				templates[template.Name] = template
			}
		}
	}
	parsed := common.ParseObjects(ctx, []byte(question.Text), true)
	if len(parsed) == 0 {
		return nil, fmt.Errorf("no manifest found")
	}
	for _, result := range parsed {
		if result.Err != nil {
			return nil, result.Err
		}
		if err := check(result.Object, templates); err != nil {
			return result.Object, err
		}
		if template, ok := result.Object.(*wfv1.WorkflowTemplate); ok {
			templates[template.Name] = template
		}
	}
	return parsed[len(parsed)-1].Object, nil
}

func check(object any, templates stored) error {
	none := &templateresolution.NullClusterWorkflowTemplateGetter{}
	switch manifest := object.(type) {
	case *wfv1.Workflow:
		return validate.ValidateWorkflow(ctx, templates, none, manifest, nil, validate.ValidateOpts{Submit: true})
	case *wfv1.WorkflowTemplate:
		return validate.ValidateWorkflowTemplate(ctx, templates, none, manifest, nil, validate.ValidateOpts{})
	case *wfv1.CronWorkflow:
		return validate.ValidateCronWorkflow(ctx, templates, none, manifest, nil)
	default:
		return fmt.Errorf("not a manifest of Argo: %T", object)
	}
}

// expand replaces the tags of a text twice, as the controller does: a value may be a text with tags.
func expand(question protocol.Question) (any, error) {
	text, err := json.Marshal(question.Text)
	if err != nil {
		return nil, err
	}
	expanded := string(text)
	for range 2 {
		if expanded, err = template.Replace(ctx, expanded, question.Values, true); err != nil {
			return nil, err
		}
	}
	return json.RawMessage(expanded), nil
}
