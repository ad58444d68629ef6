#!/bin/sh
# Compares 100 LoRA steps of the trainer with the same steps in PyTorch. Needs Debian's packages
# python3-torch and libopenblas0-pthread, or any python3 with torch.
#
#     bench/trainer/pytorch/run.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${TMPDIR:-/tmp}/repotune-pytorch}
python=${PYTHON:-python3}
# Another python3 may stand before Debian's, which has the package.
"$python" -c "import torch" 2>/dev/null || python=/usr/bin/python3
for architecture in ${ARCHITECTURES:-llama qwen2 qwen3}; do
  ${NODE:-node} "$here/record-run.mjs" "$folder/$architecture" "$architecture"
  "$python" "$here/lora_reference.py" "$folder/$architecture"
done
