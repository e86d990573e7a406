#!/usr/bin/env bash
# The same with curl: is the server ready, create a task, show it, list tasks, draw its definition.
# TASKER_URL=http://127.0.0.1:8420/tasker TASKER_TOKEN=… bash examples/clients/requests.sh
set -euo pipefail

url="${TASKER_URL:-http://127.0.0.1:8420/tasker}"
token=(--header "Authorization: Bearer ${TASKER_TOKEN:-}")
json=(--header 'Content-Type: application/json')
curl=(curl --silent --show-error --fail-with-body)

"${curl[@]}" "$url/health/ready" > /dev/null

location=$("${curl[@]}" "${token[@]}" "${json[@]}" "$url/tasks" \
  --data '{"namespace":"clients","name":"greet","context":{"who":"curl"}}' \
  --output /dev/null --write-out '%header{location}')

"${curl[@]}" "${token[@]}" "${url%/tasker}$location"
echo
"${curl[@]}" "${token[@]}" "$url/tasks?namespace=clients&limit=1"
echo
"${curl[@]}" "${token[@]}" "$url/handlers/clients/greet/graph?format=mermaid"
