import { type FileHandle, open } from "node:fs/promises";
import { fileSize, inputError, isStageError, StageError } from "@repotune/schema";
import { type GgufHeader, readHeader } from "./header.ts";
import { HeaderCursor } from "./header-cursor.ts";
import {
  parseSplitName,
  SPLIT_COUNT_KEY,
  SPLIT_NUMBER_KEY,
  SPLIT_TENSORS_KEY,
  type SplitName,
  splitName,
} from "./split-name.ts";

/** One open file of those that make up a model. */
export interface GgufPart {
  path: string;
  handle: FileHandle;
  header: GgufHeader;
}

/**
 * Opens a GGUF file, and if it is a part of a split model, the other parts too: files beside it with the
 * same name but for the number, as `llama-gguf-split` writes them. The first holds the metadata.
 *
 * @returns the parts in order.
 */
export async function openParts(path: string): Promise<[GgufPart, ...GgufPart[]]> {
  const given = await openPart(path);
  const opened = [given];
  try {
    const count = given.header.metadata.count(SPLIT_COUNT_KEY, 1);
    if (count <= 1) return [given];
    const name = checkedName(given, count);
    const parts: GgufPart[] = [];
    for (let number = 0; number < count; number++) {
      if (number === name.number) parts.push(given);
      else {
        const part = await openSibling({ ...name, number }, path);
        opened.push(part);
        parts.push(part);
      }
    }
    checkTensors(parts);
    return parts as [GgufPart, ...GgufPart[]];
  } catch (error) {
    for (const { handle } of opened) await handle.close();
    throw error;
  }
}

async function openPart(path: string): Promise<GgufPart> {
  const bytes = await fileSize(path);
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  try {
    return { path, handle, header: await readHeader(new HeaderCursor(path, handle, bytes)) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openSibling(name: SplitName, given: string): Promise<GgufPart> {
  const path = splitName(name);
  const part = await openPart(path).catch((cause: unknown) => {
    if (!isStageError(cause) || cause.code !== "E_NOT_FOUND") throw cause;
    const number = name.number + 1;
    throw new StageError("E_NOT_FOUND", `${path}, part ${number} of ${name.count}, is missing.`, {
      hint: `Put all parts of the model into one folder: ${given} alone is not enough.`,
      cause,
    });
  });
  try {
    checkedName(part, name.count);
    return part;
  } catch (error) {
    await part.handle.close();
    throw error;
  }
}

/** The part's name, if it agrees with its metadata. */
function checkedName({ path, header: { metadata } }: GgufPart, count: number): SplitName {
  const name = parseSplitName(path);
  const number = metadata.count(SPLIT_NUMBER_KEY, 0);
  const ownCount = metadata.count(SPLIT_COUNT_KEY, 1);
  if (name?.number === number && name.count === count && ownCount === count) return name;
  throw new StageError(
    "E_INPUT",
    `${path} says of itself that it is part ${number + 1} of ${ownCount} of a split model, which its name does not.`,
    {
      hint: `Parts must keep the names they were written with, ending in ${splitName({ prefix: "", number, count: ownCount })}, and be of one model.`,
    },
  );
}

/** Each part knows how many tensors all of them have. */
function checkTensors(parts: readonly GgufPart[]): void {
  const names = new Set<string>();
  for (const { path, header } of parts) {
    for (const name of header.tensors.keys()) {
      if (!names.has(name)) names.add(name);
      else throw foreign(path, `it has the tensor "${name}", which another part has too`);
    }
  }
  for (const { path, header } of parts) {
    const expected = header.metadata.count(SPLIT_TENSORS_KEY, names.size);
    if (expected === names.size) continue;
    throw foreign(path, `its model has ${expected} tensors, all parts together ${names.size}`);
  }
}

const foreign = (path: string, problem: string) =>
  new StageError("E_INPUT", `${path} is no part of this model: ${problem}.`, {
    hint: "Put the parts of one model, and of no other, into the folder.",
  });
