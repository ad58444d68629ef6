import { constants } from "node:fs";
import { copyFile, rm, stat } from "node:fs/promises";
import { OutputFile, partialPath, StageError } from "@repotune/schema";
import {
  readStateHeader,
  readStateLines,
  readWholeStateLines,
  type StateEntry,
  type StateHeader,
  statePath,
} from "./state-file.ts";

/** What an earlier run left behind and a new one goes on with. */
export interface FoundState {
  /** Bytes of the output, under its partial name, that stay. */
  outputBytes: number;
  /** Bytes of the state, under its partial name, that stay. */
  stateBytes: number;
}

/**
 * Looks for a run of the same repository with the same options that was broken off.
 *
 * @param onEntry takes what is known of each commit that was dealt with.
 */
export async function findBrokenOff(
  output: string,
  header: StateHeader,
  onEntry: (entry: StateEntry) => void,
): Promise<FoundState | undefined> {
  const path = partialPath(statePath(output));
  if ((await sizeOf(path)) === undefined) return undefined;
  const earlier = await readStateHeader(path).catch(() => undefined); // Broken off at once.
  if (!earlier || !isSameRun(earlier, header)) return undefined;
  // One that appends may have been broken off while its files got their names, of which this is the
  // first; its state has none yet, without which nobody could append again.
  const isNamed = header.continues !== null && (await sizeOf(partialPath(output))) === undefined;
  if (isNamed && (await sizeOf(output)) !== undefined) {
    await copyFile(output, partialPath(output), constants.COPYFILE_FICLONE);
  }
  const size = (await sizeOf(partialPath(output))) ?? 0;
  let found: FoundState | undefined;
  for await (const { entry, endOffset } of readWholeStateLines(path)) {
    if (entry.end > size) break;
    onEntry(entry);
    found = { outputBytes: entry.end, stateBytes: endOffset };
  }
  return found;
}

/**
 * Makes ready to append to the output of a finished run: a copy of it, under its partial name, so
 * that the file itself is whole at every moment.
 *
 * @param state path of the state that the run left.
 * @throws {StageError} `E_NOT_FOUND` without the state or its output; `E_MISMATCH` if they do not
 *   belong together, or the run had other options.
 */
export async function continueFrom(
  state: string,
  output: string,
  header: StateHeader,
  onEntry: (entry: StateEntry) => void,
): Promise<FoundState> {
  checkOptions(state, await readStateHeader(state), header);
  const size = await sizeOf(output);
  if (size === undefined) {
    throw new StageError("E_NOT_FOUND", `There is no file ${output}, to which ${state} belongs.`, {
      hint: "Put it back, or scrape anew without --since-state.",
    });
  }
  await copyFile(output, partialPath(output), constants.COPYFILE_FICLONE);
  // It gets the name by which it is found only once it is complete.
  const copy = await OutputFile.create(partialPath(statePath(output)));
  try {
    let end = 0;
    await copy.write(`${JSON.stringify(header)}\n`);
    for await (const { entry, text } of readStateLines(state)) {
      onEntry(entry);
      end = entry.end;
      await copy.write(`${text}\n`);
    }
    if (size !== end) {
      throw new StageError("E_MISMATCH", `${output} has ${size} bytes; ${state} says ${end}.`, {
        hint: "They are not of the same run: scrape anew without --since-state.",
      });
    }
    return { outputBytes: end, stateBytes: (await copy.commit()).bytes };
  } catch (error) {
    await copy.discard();
    await rm(partialPath(output), { force: true });
    throw error;
  }
}

/** Whether a run with this header does what the other one would do. */
const isSameRun = (one: StateHeader, other: StateHeader) =>
  (["schema_version", "producer", "options", "input_hash", "continues"] as const).every(
    (name) => JSON.stringify(one[name]) === JSON.stringify(other[name]),
  );

function checkOptions(path: string, earlier: StateHeader, header: StateHeader): void {
  const names = new Set([...Object.keys(earlier.options), ...Object.keys(header.options)]);
  for (const name of names) {
    const [before, now] = [earlier.options[name], header.options[name]].map((value) =>
      JSON.stringify(value ?? null),
    );
    if (before === now) continue;
    throw new StageError("E_MISMATCH", `${path} is of a run with ${name} ${before}, not ${now}.`, {
      hint: "Give the same options, or scrape anew without --since-state.",
    });
  }
}

const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    (info) => info.size,
    () => undefined,
  );
