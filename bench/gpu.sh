#!/bin/sh
# All that is to be measured on a GPU, in one call: gradients, learning by heart, speed and peak memory
# of LoRA training at the shapes of 7B models, and PyTorch on the same shapes.
#
#     bench/gpu.sh                          the best GPU, 7B shapes
#     DEVICE=cpu SIZE=tiny bench/gpu.sh     tries the script itself, without a GPU
#
# NODE and PYTHON name the programs to use; SHAPES, TOKENS and STEPS change what is run. Needs the
# workspace's packages installed, on a machine with a GPU with the build for it (@node-llama-cpp/*).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
node=${NODE:-node}
python=${PYTHON:-python3}
device=${DEVICE:-auto}
steps=${STEPS:-5}
case ${SIZE:-7B} in
  tiny) shapes=${SHAPES:-tiny} tokens=${TOKENS:-128,256} ;;
  7B) shapes=${SHAPES:-llama-2-7B,qwen2.5-7B} tokens=${TOKENS:-1024,2048} ;;
  *) echo "SIZE is tiny or 7B, not $SIZE." >&2; exit 2 ;;
esac

if ! "$node" -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then
  echo "There is no Node 20 or newer called \"$node\"; set NODE to its path." >&2
  exit 2
fi
has_torch() { "$1" -c "import torch" 2>/dev/null; }
has_torch "$python" || python=/usr/bin/python3

# CUDA's own libraries, which the GPU build needs, also come with PyTorch's packages.
libraries=$("$python" - 2>/dev/null <<'PYTHON' || true
import glob, os, site
folders = {os.path.dirname(path) for root in site.getsitepackages()
           for name in ("libcublas.so.*", "libcudart.so.*")
           for path in glob.glob(f"{root}/nvidia/*/lib/{name}")}
print(":".join(sorted(folders)))
PYTHON
)
[ -z "$libraries" ] || export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

status=0
echo "## Is it right?"
# Differences of losses need every bit: no TF32 on NVIDIA, no F16 with Vulkan.
NVIDIA_TF32_OVERRIDE=0 GGML_VK_DISABLE_F16=1 GGML_VK_DISABLE_COOPMAT=1 GGML_VK_DISABLE_COOPMAT2=1 \
  "$node" "$here/trainer/gpu-checks.mjs" --device "$device" --only differences || status=1
"$node" "$here/trainer/gpu-checks.mjs" --device "$device" --only training || status=1

echo; echo "## Training"
"$node" "$here/trainer/memory-7b.mjs" --device "$device" --shapes "$shapes" --tokens "$tokens" \
  --steps "$steps" || status=1

echo; echo "## PyTorch: bf16 weights, LoRA, gradient checkpointing"
if ! has_torch "$python"; then
  echo "Left out: no python3 here has torch."
elif [ "$device" != cpu ] && ! "$python" -c "import torch; assert torch.cuda.is_available()" 2>/dev/null; then
  echo "Left out: this PyTorch finds no CUDA."
else
  [ "$device" = cpu ] && torch_device=cpu || torch_device=cuda
  echo "| model | tokens | peak MiB | tokens/s | by |"
  echo "|---|---:|---:|---:|---|"
  for shape in $(echo "$shapes" | tr , ' '); do
    for count in $(echo "$tokens" | tr , ' '); do
      "$python" "$here/trainer/pytorch/lora_speed.py" --shape "$shape" --tokens "$count" \
        --steps "$steps" --device "$torch_device" 2>/tmp/repotune-torch.log ||
        echo "| $shape | $count | - | - | failed: $(tail -n 1 /tmp/repotune-torch.log | cut -c 1-120) |"
    done
  done
fi
exit $status
