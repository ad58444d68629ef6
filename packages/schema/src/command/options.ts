import { type Command, InvalidArgumentError, Option } from "commander";
import type { Static, TObject } from "typebox";
import { Errors } from "typebox/value";
import { StageError } from "../error.ts";

/** The parts of an option's JSON Schema that a command line needs. */
interface OptionSchema {
  type?: string;
  enum?: string[];
  default?: unknown;
  description?: string;
}

/**
 * Adds one flag to `command` for each property of `options`: `batchSize` becomes
 * `--batch-size <n>`, a boolean becomes `--flag` (and `--no-flag` if it is on by default).
 */
export function optionFlags(command: Command, options: TObject): void {
  const required = new Set(options.required ?? []);
  for (const [key, schema] of Object.entries(options.properties)) {
    const property = schema as OptionSchema;
    const { type, default: fallback } = property;
    const description = `${property.description ?? ""}${required.has(key) && fallback === undefined ? " (required)" : ""}`;
    const name = kebab(key);
    if (type === "boolean") {
      command.addOption(new Option(fallback === true ? `--no-${name}` : `--${name}`, description));
      continue;
    }
    const option = new Option(`--${name} <${placeholder(key, property)}>`, description);
    if (property.enum) option.choices(property.enum);
    else option.argParser((text: string) => parse(text, type));
    if (fallback !== undefined) option.default(fallback);
    command.addOption(option);
  }
}

/**
 * Checks values against `options` and fills in defaults.
 *
 * @param values from a command line, a configuration file or a caller.
 * @throws {StageError} `E_USAGE` naming the first value that does not fit.
 */
export function readOptions<O extends TObject>(
  options: O,
  values: Record<string, unknown>,
): Static<O> {
  const result: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(options.properties)) {
    const value = values[key] ?? (schema as OptionSchema).default;
    if (value !== undefined) result[key] = value;
  }
  for (const key of Object.keys(values)) {
    if (key in options.properties) continue;
    throw new StageError("E_USAGE", `Unknown option "${key}".`, {
      hint: `Known are ${Object.keys(options.properties).join(", ")}.`,
    });
  }
  const missing = options.required?.find((key) => result[key] === undefined);
  if (missing !== undefined) throw new StageError("E_USAGE", `--${kebab(missing)} is missing.`);
  const [error] = Errors(options, result);
  if (!error) return result as Static<O>;
  const key = error.instancePath.slice(1);
  throw new StageError("E_USAGE", `--${kebab(key)} ${error.message}.`, {
    hint: `It is ${JSON.stringify(result[key])}.`,
  });
}

function parse(text: string, type: string | undefined): string | number {
  if (type !== "integer" && type !== "number") return text;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isNaN(value) || (type === "integer" && !Number.isInteger(value))) {
    throw new InvalidArgumentError(type === "integer" ? "Not a whole number." : "Not a number.");
  }
  return value;
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const placeholder = (key: string, { type, enum: choices }: OptionSchema) =>
  choices
    ? "name"
    : type === "integer" || type === "number"
      ? "n"
      : /path|dir|file|repo/i.test(key)
        ? "path"
        : "value";
