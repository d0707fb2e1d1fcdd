#!/usr/bin/env bash
# Install Argo Workflows, and what the tests need, in the cluster that KUBECONFIG names.
set -euo pipefail
cd "$(dirname "$0")/../../.."
project=build/cluster
release=https://github.com/argoproj/argo-workflows/releases/download/v4.0.5

kubectl create namespace argo
kubectl apply --server-side --namespace argo --filename "$release/install.yaml"
kubectl apply --filename "$project/argo-rbac.yml"
kubectl apply --namespace argo --filename tests/argo/real_cluster/services.yml
kubectl wait --namespace argo --for condition=Available --timeout 10m \
  deployment/workflow-controller deployment/minio deployment/mlflow

node=$(kubectl get nodes --output 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}')
cat > "$project/addresses.sh" <<END
export AWS_ENDPOINT_URL=http://$node:30900
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing-only AWS_DEFAULT_REGION=us-east-1
export MLFLOW_ADDRESS=http://$node:30500
END
. "$project/addresses.sh"
python -c "import boto3; boto3.client('s3').create_bucket(Bucket='spaceflights')"
