import type { GgufMetadata } from "@repotune/ggml";
import type {
  Continuation,
  Evaluation,
  HardwareReport,
  HardwareSample,
  TrainingReport,
} from "@repotune/schema";
import type { Sequence } from "../data/sequence.ts";
import type { Engine } from "../engine/engine.ts";
import { continueGreedily, promptOf } from "./continuation.ts";
import { HardwareSampler } from "./hardware-sampler.ts";
import { TensorBoardWriter } from "./tensorboard-writer.ts";
import { type TokenText, tokenText } from "./token-text.ts";

/** A continuation may take this long, */
const CONTINUATION_SECONDS = 2;
/** but where measurements follow one another fast, no more than this share of the time. */
const CONTINUATION_SHARE = 0.05;
/** Share of a sequence that the prompt may take: the rest is for what follows. */
const PROMPT_SHARE = 0.5;

/** What a recorder needs to know. */
export interface RecorderParts {
  /** Folder of the event files. */
  folder: string;
  engine: Engine;
  /** A held-out sequence, the first document of which is to be continued. */
  heldOut: Sequence;
  /** The vocabulary (`tokenizer.ggml.*`). */
  vocabulary: GgufMetadata;
  documentEndId: number | null;
  /** Tokens of a continuation; 0 for none. */
  continuationTokens: number;
  /** Seconds of the training so far. */
  clock: () => number;
  onNotice?: ((notice: string) => void) | undefined;
}

/** What a recorder knows of a training, to be kept with its checkpoints. */
export interface Recording {
  /** Tokens a second of each step. */
  speed_history: number[];
  samples: Continuation[];
  hardware: HardwareReport;
}

/** Records what a training does and what it takes: for the report, and for TensorBoard. */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #text: TokenText | undefined;
  readonly #prompt: number[];
  readonly #promptText: string | null;
  #speeds: number[] = [];
  #samples: Continuation[] = [];
  #sampler: HardwareSampler;
  #events: TensorBoardWriter | undefined;
  #step = 0;
  /** When the last continuation was made. */
  #continuedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: RecorderParts) {
    const { engine, heldOut, vocabulary, clock } = parts;
    this.#parts = parts;
    this.#text = tokenText(vocabulary);
    const room = Math.floor(PROMPT_SHARE * engine.shape.sequenceLength);
    this.#prompt = promptOf(heldOut, Math.max(1, room));
    this.#promptText = this.#text?.(this.#prompt) ?? null;
    this.#sampler = new HardwareSampler({ clock });
  }

  /** All that was recorded besides events, which are in their files already. */
  get recording(): Recording {
    return {
      speed_history: [...this.#speeds],
      samples: [...this.#samples],
      hardware: this.#sampler.report,
    };
  }

  /**
   * Starts to record.
   *
   * @param step steps that were taken before: 0 for a new training.
   * @param earlier what was recorded until then.
   */
  async begin(step: number, earlier?: Recording): Promise<void> {
    const { folder, onNotice, clock } = this.#parts;
    this.#step = step;
    this.#speeds = [...(earlier?.speed_history ?? [])];
    this.#samples = [...(earlier?.samples ?? [])];
    this.#events = await TensorBoardWriter.open(folder, step, (reason) =>
      onNotice?.(`No more events for TensorBoard are written: ${reason}`),
    );
    this.#sampler = new HardwareSampler({
      clock,
      earlier: earlier?.hardware,
      onSample: (sample) => this.#events?.add(this.#step, hardwareScalars(sample)),
    });
    this.#sampler.start();
    await this.#sampler.sample();
  }

  /** Takes note of a step. */
  onStep(
    { step, loss, learning_rate, gradient_norm }: TrainingReport["loss_history"][number],
    tokensPerSecond: number,
  ): void {
    this.#step = step;
    this.#speeds.push(tokensPerSecond);
    this.#events?.add(step, {
      "train/loss": loss,
      "train/learning_rate": learning_rate,
      "train/gradient_norm": gradient_norm,
      "train/tokens_per_second": tokensPerSecond,
    });
  }

  /** Takes note of a measurement of the validation split, and lets the model go on from a text. */
  async onEvaluation({ step, loss, bits_per_byte, token_accuracy }: Evaluation): Promise<void> {
    this.#events?.add(step, {
      "validation/loss": loss,
      "validation/bits_per_byte": bits_per_byte,
      "validation/token_accuracy": token_accuracy,
    });
    if (this.#parts.continuationTokens > 0) await this.#continueText(step);
  }

  async #continueText(step: number): Promise<void> {
    const { engine, continuationTokens, documentEndId, clock } = this.#parts;
    const affordable = CONTINUATION_SHARE * (clock() - this.#continuedAt);
    const tokens = await continueGreedily(engine, this.#prompt, {
      tokens: continuationTokens,
      seconds: Math.min(CONTINUATION_SECONDS, affordable),
      documentEndId,
    });
    this.#continuedAt = clock();
    this.#samples.push({
      step,
      prompt: this.#prompt,
      tokens,
      prompt_text: this.#promptText,
      text: this.#text?.(tokens) ?? null,
    });
  }

  /** Stops recording; the event file is complete afterwards. */
  async close(): Promise<void> {
    this.#sampler.stop();
    await this.#events?.close();
  }
}

/** Memory and load, for TensorBoard. */
function hardwareScalars({ cpu_load, resident_bytes, gpus }: HardwareSample) {
  const [gpu] = gpus;
  const known = {
    "hardware/cpu_load": cpu_load,
    "hardware/resident_bytes": resident_bytes,
    "hardware/gpu_memory_bytes": gpu?.used_memory_bytes,
    "hardware/gpu_load": gpu?.load,
    "hardware/gpu_temperature_celsius": gpu?.temperature_celsius,
  };
  return Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, number] => entry[1] != null),
  );
}
