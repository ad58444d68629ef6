import { readFile } from "node:fs/promises";
import { inputError, messageOf, StageError } from "@repotune/schema";
import { parse } from "yaml";
import { stages } from "../stages.ts";

/** Options by stage, e.g. `{ train: { maxMinutes: 20 } }`; names in camelCase. */
export type Configuration = Record<string, Record<string, unknown>>;

/**
 * Reads options from a YAML or JSON file with one section a stage; names may be in snake_case,
 * kebab-case or camelCase.
 *
 * @throws {StageError} `E_NOT_FOUND`, or `E_USAGE` naming what the file says wrong.
 */
export async function readConfiguration(path: string): Promise<Configuration> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (cause) {
    throw new StageError("E_USAGE", `${path} is neither YAML nor JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
  if (!isObject(value)) throw new StageError("E_USAGE", `${path} holds no sections.`, { hint });
  const configuration: Configuration = {};
  for (const [section, options] of Object.entries(value)) {
    if (!isObject(options)) {
      throw new StageError("E_USAGE", `${path}: section "${section}" holds no options.`, { hint });
    }
    for (const [name, option] of Object.entries(options)) {
      assign(configuration, section, name, option, path);
    }
  }
  return configuration;
}

/**
 * Adds settings such as `train.max_minutes=20` to a configuration; they win over what is there.
 *
 * @throws {StageError} `E_USAGE`.
 */
export function addSettings(configuration: Configuration, settings: string[]): Configuration {
  const result = structuredClone(configuration);
  for (const setting of settings) {
    const [, section = "", name = "", text = ""] =
      /^([a-z]+)\.([A-Za-z_-]+)=(.*)$/s.exec(setting) ?? [];
    if (section === "") {
      throw new StageError("E_USAGE", `"${setting}" is not of the form stage.option=value.`, {
        hint: "For example: --set train.max_minutes=20",
      });
    }
    assign(result, section, name, parse(text), `--set ${setting}`);
  }
  return result;
}

function assign(
  configuration: Configuration,
  section: string,
  name: string,
  value: unknown,
  where: string,
): void {
  const stage = stages.find(({ verb }) => verb === section);
  if (!stage)
    throw new StageError("E_USAGE", `${where}: there is no stage "${section}".`, { hint });
  const key = name.replace(/[-_]([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (!(key in stage.options.properties)) {
    throw new StageError("E_USAGE", `${where}: ${section} has no option "${name}".`, {
      hint: `It has ${Object.keys(stage.options.properties).join(", ")}.`,
    });
  }
  configuration[section] = { ...configuration[section], [key]: value };
}

const hint = "Sections are named scrape, chunk, tokenize, build and train.";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
