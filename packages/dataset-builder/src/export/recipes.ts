import type { Dataset } from "@repotune/schema";
import type { ExportedSide } from "./export-job.ts";
import type { ExportOptions } from "./options.ts";

/**
 * Configurations of trainers that take the exported files as they are: axolotl for ids, TRL and mlx-lm
 * for prompts and completions. Each runs from the export's folder, and names what it cannot know.
 *
 * Written after the tools' documentation:
 * https://docs.axolotl.ai/docs/dataset-formats/tokenized.html,
 * https://huggingface.co/docs/trl/sft_trainer,
 * https://github.com/ml-explore/mlx-lm/blob/main/mlx_lm/LORA.md.
 */
export function recipesFor(
  dataset: Dataset,
  format: ExportOptions["format"],
  sides: readonly ExportedSide[],
): Record<string, string> {
  if (format === "parquet") return { "axolotl.yaml": axolotl(dataset, sides) };
  if (format === "jsonl")
    return { "train-trl.py": trl(dataset), "mlx-lm.yaml": mlxLm(dataset, sides) };
  return {};
}

function axolotl(dataset: Dataset, sides: readonly ExportedSide[]): string {
  const { vocabulary, sequence_length, recommended_epochs } = dataset;
  const files = (name: string) =>
    (sides.find(({ side }) => side === name)?.files ?? [])
      .map(({ path }) => `  - path: ./${path}\n    ds_type: parquet\n    split: train\n    type:`)
      .join("\n");
  const base =
    vocabulary.kind === "trained"
      ? `# The ids belong to a vocabulary that was trained on the repository: give a model that has it.
# To fine-tune a published model, write the tokens with its vocabulary (--base or --tokenizer).`
      : "# The model whose vocabulary the ids belong to.";
  return `# axolotl train axolotl.yaml
${base}
base_model: BASE_MODEL

# Rows hold input_ids, attention_mask and labels: with an empty type nothing is tokenized again.
datasets:
${files("train")}
# A local file is one split, which is called train.
test_datasets:
${files("validation")}
dataset_prepared_path: ./prepared

# Rows are documents: packing fills sequences with them and keeps attention within each.
sequence_len: ${sequence_length}
sample_packing: ${dataset.objective === "causal"}
eval_sample_packing: false
pad_to_sequence_len: true

adapter: lora
lora_r: 16
lora_alpha: 32
lora_dropout: 0.05
lora_target_linear: true

micro_batch_size: 1
gradient_accumulation_steps: 8
num_epochs: ${recommended_epochs}
optimizer: adamw_torch
lr_scheduler: cosine
learning_rate: 0.0002
warmup_ratio: 0.03
bf16: auto
gradient_checkpointing: true
evals_per_epoch: 4
saves_per_epoch: 1
output_dir: ./axolotl-out
`;
}

function trl({ recommended_epochs, sequence_length }: Dataset): string {
  return `# pip install "trl[peft]"; python train-trl.py BASE_MODEL
import sys
from pathlib import Path

from datasets import load_dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

folder = Path(__file__).parent
data = load_dataset(
    "json",
    data_files={"train": str(folder / "train.jsonl"), "validation": str(folder / "valid.jsonl")},
)

trainer = SFTTrainer(
    model=sys.argv[1],
    # Rows have a prompt and a completion: the loss is on the completion alone.
    train_dataset=data["train"],
    eval_dataset=data["validation"],
    args=SFTConfig(
        output_dir="trl-out",
        max_length=${Math.max(1024, sequence_length)},
        completion_only_loss=True,
        num_train_epochs=${recommended_epochs},
        per_device_train_batch_size=1,
        gradient_accumulation_steps=8,
        learning_rate=2e-4,
        lr_scheduler_type="cosine",
        eval_strategy="epoch",
    ),
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear"),
)
trainer.train()
trainer.save_model()
`;
}

function mlxLm(
  { recommended_epochs, sequence_length }: Dataset,
  sides: readonly ExportedSide[],
): string {
  const batch = 4;
  const rows = sides.find(({ side }) => side === "train")?.examples ?? 0;
  return `# pip install "mlx-lm[train]"; mlx_lm.lora --config mlx-lm.yaml
# Prompts and completions go through the model's chat template: take a model that has one.
model: BASE_MODEL
train: true
fine_tune_type: lora
# The folder with train.jsonl, valid.jsonl and test.jsonl.
data: .
# The loss is on the completion alone.
mask_prompt: true
seed: 0
num_layers: 16
batch_size: ${batch}
# ${recommended_epochs} epochs of ${rows} rows.
iters: ${Math.ceil((rows * recommended_epochs) / batch)}
val_batches: 25
learning_rate: 1e-5
steps_per_report: 10
steps_per_eval: 200
save_every: 100
adapter_path: adapters
max_seq_length: ${Math.max(1024, sequence_length)}
grad_checkpoint: true
lora_parameters:
  rank: 16
  scale: 20.0
  dropout: 0.0
`;
}
