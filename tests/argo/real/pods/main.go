// Command pods answers questions about pods as the API server and the kubelet of Kubernetes do.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/util/parsers"
	"sigs.k8s.io/yaml"

	"protocol"
)

func main() {
	if err := protocol.Serve(answer); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(question protocol.Question) (any, error) {
	switch question.Ask {
	case "pod":
		return nil, judge(question)
	case "image":
		_, _, _, err := parsers.ParseImageName(question.Text)
		return nil, err
	default:
		return nil, fmt.Errorf("unknown question %q", question.Ask)
	}
}

func judge(question protocol.Question) error {
	var pod v1.Pod
	if err := json.Unmarshal([]byte(question.Text), &pod); err != nil {
		return err
	}
	for _, patch := range question.Patches {
		if err := apply(patch, &pod); err != nil {
			return err
		}
	}
	corev1.SetObjectDefaults_Pod(&pod)
	var converted core.Pod
	if err := corev1.Convert_v1_Pod_To_core_Pod(&pod, &converted, nil); err != nil {
		return err
	}
	options := podutil.GetValidationOptionsFromPodSpecAndMeta(&converted.Spec, nil, &converted.ObjectMeta, nil)
	options.ResourceIsPod = true
	if errors := validation.ValidatePodCreate(&converted, options); len(errors) > 0 {
		return errors.ToAggregate()
	}
	for _, containers := range [][]v1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, container := range containers {
			if _, _, _, err := parsers.ParseImageName(container.Image); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply patches a pod's specification as the workflow controller does.
func apply(patch string, pod *v1.Pod) error {
	before, err := json.Marshal(pod.Spec)
	if err != nil {
		return err
	}
	changes, err := yaml.YAMLToJSON([]byte(patch))
	if err != nil {
		return err
	}
	after, err := strategicpatch.StrategicMergePatch(before, changes, v1.PodSpec{})
	if err != nil {
		return err
	}
	pod.Spec = v1.PodSpec{}
	return json.Unmarshal(after, &pod.Spec)
}
