"""Speed and peak memory of LoRA training in PyTorch, as PEFT with bf16 and gradient checkpointing
trains: frozen weights in bf16, A and B in F32 under autocast, each layer computed anew in the
backward pass. At real shapes, with random weights, without any download.

    python3 lora_speed.py [--shape llama-2-7B] [--tokens 1024] [--steps 5] [--device cuda]
"""

import argparse
import time

import torch
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

# width, feed-forward, layers, heads, key and value heads, vocabulary, biases (see synthetic-model.mjs)
SHAPES = {
    "tiny": (256, 512, 2, 4, 2, 512, False),
    "llama-2-7B": (4096, 11008, 32, 32, 32, 32000, False),
    "qwen2.5-7B": (3584, 18944, 28, 28, 4, 152064, True),
}


class LoraLinear(nn.Module):
    def __init__(self, inputs, outputs, device, has_bias=False, rank=16, alpha=32):
        super().__init__()
        self.base = nn.Linear(inputs, outputs, has_bias, device=device, dtype=torch.bfloat16)
        self.base.requires_grad_(False)
        self.a = nn.Linear(inputs, rank, False, device=device)
        self.b = nn.Linear(rank, outputs, False, device=device)
        nn.init.zeros_(self.b.weight)
        self.scale = alpha / rank

    def forward(self, x):
        return self.base(x) + self.b(self.a(x)) * self.scale


class Layer(nn.Module):
    def __init__(self, width, hidden, heads, kv_heads, has_bias, device):
        super().__init__()
        self.heads, self.kv_heads, self.size = heads, kv_heads, width // heads
        linear = lambda ins, outs, bias=False: LoraLinear(ins, outs, device, bias)
        self.q = linear(width, width, has_bias)
        self.k = linear(width, self.size * kv_heads, has_bias)
        self.v = linear(width, self.size * kv_heads, has_bias)
        self.o = linear(width, width)
        self.gate, self.up = linear(width, hidden), linear(width, hidden)
        self.down = linear(hidden, width)
        frozen = lambda: torch.ones(width, device=device, dtype=torch.bfloat16)
        self.register_buffer("norm1", frozen())
        self.register_buffer("norm2", frozen())

    def forward(self, x, cos, sin):
        batch, length, width = x.shape
        split = lambda y, heads: y.view(batch, length, heads, self.size).transpose(1, 2)
        h = rms_norm(x, self.norm1)
        q = rotate(split(self.q(h), self.heads), cos, sin)
        k = rotate(split(self.k(h), self.kv_heads), cos, sin)
        v = split(self.v(h), self.kv_heads)
        k, v = (y.repeat_interleave(self.heads // self.kv_heads, 1) for y in (k, v))
        mixed = attention(q, k, v).transpose(1, 2).reshape(batch, length, width)
        x = x + self.o(mixed)
        h = rms_norm(x, self.norm2)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h))


def rms_norm(x, weight):
    wide = x.float()
    return weight * (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + 1e-5)).to(x.dtype)


def rotate(x, cos, sin):
    first, second = x.chunk(2, -1)
    return (x * cos + torch.cat([-second, first], -1) * sin).to(torch.bfloat16)


def attention(q, k, v):
    if hasattr(functional, "scaled_dot_product_attention"):
        return functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5  # PyTorch 1
    future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).triu(1)
    return scores.masked_fill(future, float("-inf")).softmax(-1).to(v.dtype) @ v


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", default="llama-2-7B", choices=SHAPES)
    parser.add_argument("--tokens", type=int, default=1024)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--device", default="cuda")
    options = parser.parse_args()
    device, length = torch.device(options.device), options.tokens
    width, hidden, layer_count, heads, kv_heads, vocabulary, has_bias = SHAPES[options.shape]
    layers = nn.ModuleList(
        Layer(width, hidden, heads, kv_heads, has_bias, device) for _ in range(layer_count)
    )
    embedding = torch.randn(vocabulary, width, device=device, dtype=torch.bfloat16)
    head = nn.Linear(width, vocabulary, False, device=device, dtype=torch.bfloat16)
    head.requires_grad_(False)
    parameters = [p for p in layers.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4)

    size = width // heads
    frequencies = 1e4 ** (-torch.arange(0, size, 2, device=device) / size)
    angles = torch.arange(length, device=device)[:, None] * frequencies
    cos, sin = (torch.cat([f(angles)] * 2, -1) for f in (torch.cos, torch.sin))
    tokens = torch.randint(vocabulary, (1, length + 1), device=device)
    final_norm = torch.ones(width, device=device, dtype=torch.bfloat16)

    def step():
        with torch.autocast(device.type, torch.bfloat16):
            x = embedding[tokens[:, :-1]].requires_grad_()
            for layer in layers:
                x = checkpoint(layer, x, cos, sin)
            logits = head(rms_norm(x, final_norm)).float()
            loss = functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()  # waits for the device

    step()  # loads kernels
    began = time.perf_counter()
    for _ in range(options.steps):
        step()
    seconds = time.perf_counter() - began
    is_cuda = device.type == "cuda"
    peak = f"{torch.cuda.max_memory_reserved() / 2**20:,.0f}" if is_cuda else "-"
    name = torch.cuda.get_device_name() if is_cuda else "CPU"
    speed = options.steps * length / seconds
    print(f"| {options.shape} | {length} | {peak} | {speed:.1f} | PyTorch {torch.__version__}, {name} |")


main()
