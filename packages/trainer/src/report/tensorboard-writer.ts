import { createWriteStream, type WriteStream } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, messageOf } from "@repotune/schema";
import { type EventContent, eventRecord } from "./tensorboard-event.ts";

/** The version of the format that TensorBoard reads; from 2 on, a session's start counts. */
const FILE_VERSION = "brain.Event:2";
const PREFIX = "events.out.tfevents.";

/**
 * Writes scalars where TensorBoard finds them, while a training runs: `tensorboard --logdir OUTPUT`.
 *
 * A training that goes on from a checkpoint writes a further file, which starts by withdrawing the
 * steps after the checkpoint. Nothing here ends a training: where the disk refuses, the first
 * refusal is told, and the rest is not written.
 */
export class TensorBoardWriter {
  readonly #stream: WriteStream;

  private constructor(stream: WriteStream, onFailure: (reason: string) => void) {
    this.#stream = stream.on("error", (error) => onFailure(messageOf(error)));
  }

  /**
   * Starts a file.
   *
   * @param folder made if it is missing; where a training starts anew, older events go.
   * @param step steps taken before: 0 for a new training.
   * @param onFailure told why nothing more is written, once.
   */
  static async open(
    folder: string,
    step: number,
    onFailure: (reason: string) => void,
  ): Promise<TensorBoardWriter> {
    await makeFolder(folder).catch(() => undefined); // Opening the file says the same.
    if (step === 0) await removeEvents(folder);
    // Readers take the files of a folder in the order of their names.
    const name = `${PREFIX}${(Date.now() / 1000).toFixed(3)}.repotune.${process.pid}`;
    const writer = new TensorBoardWriter(createWriteStream(join(folder, name)), onFailure);
    writer.#append(0, { fileVersion: FILE_VERSION });
    if (step > 0) writer.#append(step + 1, { sessionStart: true });
    return writer;
  }

  /** Adds a number for each tag, e.g. `{ "train/loss": 2.31 }`, as those of `step`. */
  add(step: number, scalars: Readonly<Record<string, number>>): void {
    this.#append(step, { scalars });
  }

  /** Waits until everything is written, and closes the file. */
  async close(): Promise<void> {
    if (this.#stream.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once("close", resolve);
      this.#stream.end();
    });
  }

  #append(step: number, content: EventContent): void {
    if (this.#stream.destroyed) return;
    this.#stream.write(eventRecord(Date.now() / 1000, step, content));
  }
}

async function removeEvents(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names.filter((name) => name.startsWith(PREFIX))) {
    await rm(join(folder, name), { force: true });
  }
}
