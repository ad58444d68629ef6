import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { type WrittenFile, writeFileAtomically } from "./atomic-file.ts";
import { StageError } from "./error.ts";
import { checkVersion } from "./input-file.ts";
import { type Line, readLines } from "./lines.ts";

/**
 * Parses one line of a JSONL file into a record of `schema`.
 *
 * @returns a function of the line and of the file's name for messages.
 */
export function recordParser<S extends TSchema>(
  schema: S,
): (line: Line, path: string) => Static<S> {
  const validator = Compile(schema);
  return (line, path) => {
    const where = `${path} line ${line.number}`;
    let value: unknown;
    try {
      value = JSON.parse(line.text);
    } catch (cause) {
      if (!line.isTerminated) {
        throw new StageError("E_TRUNCATED", `${where} is cut off in the middle of a record.`, {
          hint: "The file is incomplete: write it anew.",
          cause,
        });
      }
      throw new StageError("E_INPUT", `${where} is not JSON.`, { cause });
    }
    checkVersion(value, where);
    if (validator.Check(value)) return value as Static<S>;
    const [error] = validator.Errors(value);
    throw new StageError("E_INPUT", `${where}: ${error?.instancePath || "/"} ${error?.message}.`);
  };
}

/**
 * Reads one record of `schema` per line; empty lines are passed over.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_TRUNCATED`, `E_SCHEMA_VERSION`, or `E_INPUT` naming the
 *   first line that is not JSON or not of the schema.
 */
export async function* readJsonl<S extends TSchema>(
  path: string,
  schema: S,
): AsyncGenerator<Static<S>> {
  const parse = recordParser(schema);
  for await (const line of readLines(path)) {
    if (line.text.trim() !== "") yield parse(line, path);
  }
}

/** Writes one record per line to a file, which appears only when it is complete. */
export const writeJsonlFile = (
  path: string,
  records: AsyncIterable<unknown>,
): Promise<WrittenFile> =>
  writeFileAtomically(path, async (file) => {
    for await (const record of records) await file.write(`${JSON.stringify(record)}\n`);
  });

/** Writes one record per line to a stream, waiting whenever it is full. Does not end it. */
export async function writeJsonl(
  records: AsyncIterable<unknown>,
  output: Writable,
): Promise<number> {
  let count = 0;
  for await (const record of records) {
    if (!output.write(`${JSON.stringify(record)}\n`)) await once(output, "drain");
    count += 1;
  }
  return count;
}
