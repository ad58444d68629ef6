"""The independent reference: the run that record-run.mjs wrote down, once more in PyTorch.

Reads the same model file and the same batches, computes gradients by autograd and steps with
torch.optim.AdamW, and compares the losses. Shares no code with the trainer.

    python3 lora_reference.py FOLDER
"""

import json
import math
import struct
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

TOLERANCE = 0.01  # of the loss, at every step


def read_safetensors(path):
    """Tensors and metadata (https://github.com/huggingface/safetensors#format)."""
    types = {"F32": numpy.float32, "I32": numpy.int32}
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[begin:end], types[entry["dtype"]])
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors, metadata


def read_gguf(path):
    """Metadata and F32 tensors (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md)."""
    data = path.read_bytes()
    at = 0

    def take(format):
        nonlocal at
        values = struct.unpack_from("<" + format, data, at)
        at += struct.calcsize("<" + format)
        return values[0] if len(values) == 1 else values

    def text():
        nonlocal at
        length = take("Q")
        at += length
        return data[at - length : at].decode()

    scalars = dict(zip(range(13), ["B", "b", "H", "h", "I", "i", "f", "?", None, None, "Q", "q", "d"]))

    def value(kind):
        if kind == 8:
            return text()
        if kind == 9:
            element, count = take("I"), take("Q")
            return [value(element) for _ in range(count)]
        return take(scalars[kind])

    if take("4s") != b"GGUF":
        raise ValueError(f"{path} is no GGUF file")
    _, tensor_count, entry_count = take("IQQ")
    metadata = {}
    for _ in range(entry_count):
        key = text()
        metadata[key] = value(take("I"))
    infos = []
    for _ in range(tensor_count):
        name, dimensions = text(), take("I")
        shape = [take("Q") for _ in range(dimensions)]
        kind, offset = take("I"), take("Q")
        if kind != 0:
            raise ValueError(f"{name} is not F32")
        infos.append((name, shape, offset))
    begin = -(-at // 32) * 32
    tensors = {}
    for name, shape, offset in infos:
        values = numpy.frombuffer(data, numpy.float32, math.prod(shape), begin + offset)
        tensors[name] = torch.from_numpy(values.reshape(shape[::-1]).copy())  # [out, in]
    return metadata, tensors


class LoraLinear(nn.Module):
    """y = W x + b + alpha / rank · B (A x), with W and b frozen."""

    def __init__(self, weight, bias, a, b, scale):
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.a = nn.Parameter(a.clone())
        self.b = nn.Parameter(b.clone())
        self.scale = scale

    def forward(self, x):
        low = nn.functional.linear(nn.functional.linear(x, self.a), self.b)
        return nn.functional.linear(x, self.weight, self.bias) + self.scale * low


def rms_norm(x, weight, epsilon):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * weight


def rotate(x, positions, base, pairs_halves):
    """Rotary positions of `x` [batch, heads, tokens, size]: llama pairs neighbours, qwen halves."""
    size = x.shape[-1]
    frequencies = base ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    angles = (positions[:, None, :, None].double() * frequencies).float()
    cos, sin = angles.cos(), angles.sin()
    if pairs_halves:
        first, second = x[..., : size // 2], x[..., size // 2 :]
        return torch.cat([first * cos - second * sin, first * sin + second * cos], -1)
    first, second = x[..., 0::2], x[..., 1::2]
    return torch.stack([first * cos - second * sin, first * sin + second * cos], -1).flatten(-2)


class Decoder(nn.Module):
    """Llama, Qwen2 and Qwen3, from a GGUF file, with corrections of all matrices of the layers."""

    MATRICES = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]

    def __init__(self, metadata, weights, initial, scale):
        super().__init__()
        name = metadata["general.architecture"]
        read = lambda key: metadata[f"{name}.{key}"]
        self.pairs_halves = name != "llama"
        self.heads = read("attention.head_count")
        self.kv_heads = read("attention.head_count_kv")
        self.epsilon = read("attention.layer_norm_rms_epsilon")
        self.rope_base = read("rope.freq_base")
        self.weights = weights
        self.layers = nn.ModuleList()
        for layer in range(read("block_count")):
            modules = {}
            for part in self.MATRICES:
                weight = f"blk.{layer}.{part}.weight"
                a, b = initial[f"{weight}.lora_a"], initial[f"{weight}.lora_b"]
                bias = weights.get(f"blk.{layer}.{part}.bias")
                modules[part] = LoraLinear(weights[weight], bias, a, b, scale)
            self.layers.append(nn.ModuleDict(modules))

    def forward(self, tokens, positions, mask):
        """Logits [batch, tokens, vocabulary]; `mask` [batch, tokens, tokens] is true where seen."""
        batch, length = tokens.shape
        norm = lambda x, name: rms_norm(x, self.weights[f"{name}.weight"], self.epsilon)
        split = lambda x, heads: x.view(batch, length, heads, -1).transpose(1, 2)
        turn = lambda x: rotate(x, positions, self.rope_base, self.pairs_halves)
        x = self.weights["token_embd.weight"][tokens]
        for i, layer in enumerate(self.layers):
            h = norm(x, f"blk.{i}.attn_norm")
            q, k = split(layer["attn_q"](h), self.heads), split(layer["attn_k"](h), self.kv_heads)
            if f"blk.{i}.attn_q_norm.weight" in self.weights:
                q, k = norm(q, f"blk.{i}.attn_q_norm"), norm(k, f"blk.{i}.attn_k_norm")
            q, k = turn(q), turn(k)
            v = split(layer["attn_v"](h), self.kv_heads)
            k, v = (t.repeat_interleave(self.heads // self.kv_heads, 1) for t in (k, v))
            scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
            scores = scores.masked_fill(~mask[:, None], -math.inf)
            mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, -1)
            x = x + layer["attn_output"](mixed)
            h = norm(x, f"blk.{i}.ffn_norm")
            gate = nn.functional.silu(layer["ffn_gate"](h))
            x = x + layer["ffn_down"](gate * layer["ffn_up"](h))
        return norm(x, "output_norm") @ self.weights["output.weight"].T


def masks_of(pieces):
    """Positions in each piece, and which token sees which: earlier ones of its own piece."""
    batch, length = pieces.shape
    positions = torch.zeros_like(pieces)
    for b in range(batch):
        for t in range(1, length):
            if pieces[b, t] == pieces[b, t - 1]:
                positions[b, t] = positions[b, t - 1] + 1
    same = pieces[:, :, None] == pieces[:, None, :]
    return positions, same & torch.ones(length, length, dtype=torch.bool).tril()


def main(folder):
    run, metadata = read_safetensors(folder / "run.safetensors")
    settings = json.loads(metadata["settings"])
    prefix = "initial."
    initial = {name[len(prefix) :]: t for name, t in run.items() if name.startswith(prefix)}
    gguf, weights = read_gguf(Path(settings["base"]))
    model = Decoder(gguf, weights, initial, settings["alpha"] / settings["rank"])
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        parameters,
        betas=settings["betas"],
        eps=settings["epsilon"],
        weight_decay=settings["weight_decay"],
    )
    worst, worst_norm = (0.0, 0), (0.0, 0)
    steps = len(run["losses"])
    print(f"{gguf['general.architecture']}: {sum(p.numel() for p in parameters):,} trained numbers")
    print("step       rate   trainer's   PyTorch's  difference | norm of gradients  difference")
    for step in range(steps):
        tokens, pieces = run["tokens"][step].long(), run["pieces"][step]
        positions, mask = masks_of(pieces)
        logits = model(tokens, positions, mask)
        losses = nn.functional.cross_entropy(
            logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten(), reduction="none"
        )
        share = run["weights"][step][:, 1:].flatten()
        loss = (losses * share).sum() / share.sum()
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(parameters, settings["max_gradient_norm"]).item()
        rate = run["learning_rates"][step].item()
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()

        ours, theirs = run["losses"][step].item(), loss.item()
        our_norm = run["gradient_norms"][step].item()
        difference = abs(ours - theirs) / abs(theirs)
        norm_difference = abs(our_norm - norm) / norm
        worst = max(worst, (difference, step + 1))
        worst_norm = max(worst_norm, (norm_difference, step + 1))
        if step % 10 == 9 or step == 0:
            print(
                f"{step + 1:4} {rate:10.2e} {ours:11.6f} {theirs:11.6f} {difference:11.1e} |"
                f" {norm:17.5f} {norm_difference:11.1e}"
            )
    print(f"largest difference of a loss: {worst[0]:.1e} (step {worst[1]}); 1e-02 is allowed")
    print(f"largest difference of a gradient's norm: {worst_norm[0]:.1e} (step {worst_norm[1]})")
    print(f"PyTorch {torch.__version__}")
    return 0 if worst[0] <= TOLERANCE else 1


torch.set_num_threads(1)
sys.exit(main(Path(sys.argv[1])))
