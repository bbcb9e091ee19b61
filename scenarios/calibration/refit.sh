#!/bin/sh
# Fits the built-in profiles anew from the tables beside this script. Usage: refit.sh PATH-TO-MOEPLAN [DATE]
set -eu
moeplan=$1
date=${2:-$(date -u +%Y-%m-%d)}
cd "$(dirname "$0")"
source="ai-dynamo/aiconfigurator@095f58a51c4c, kernel measurements by NVIDIA, Apache-2.0; rows in scenarios/calibration"
fit() {   # device, engine as the tables name it, engine id
    "$moeplan" calibrate fit "$1-$2"-*.csv "$1-nccl.csv" --gpu "$1" --name "$1-$3" --date "$date" --source "$source" \
        -o "../catalog/profiles/$1-$3.json"
}
fit a100_sxm vllm vllm
fit h100_sxm vllm vllm
fit h100_sxm trtllm tensorrt_llm
fit h200_sxm vllm vllm
fit b200_sxm vllm vllm
