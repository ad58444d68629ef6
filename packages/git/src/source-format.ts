import { access } from "node:fs/promises";
import { join } from "node:path";
import { StageError } from "@repotune/schema";
import type { RepositoryLocation } from "./locate.ts";
import type { ObjectFormat } from "./object-format.ts";

/**
 * The object format a repository declares in its configuration.
 *
 * @param text asks git, in a folder that is not the repository's.
 * @throws {StageError} `E_UNSUPPORTED` for refs that are not kept in files, or an unknown format;
 *   `E_GIT` if the configuration cannot be parsed, as then git could not read the repository
 *   either.
 */
export async function sourceObjectFormat(
  location: RepositoryLocation,
  text: (args: string[]) => Promise<string>,
): Promise<ObjectFormat> {
  const { commonDir, path } = location;
  const config = join(commonDir, "config");
  if (await exists(join(commonDir, "reftable"))) {
    throw new StageError("E_UNSUPPORTED", `${path} keeps its refs in a reftable.`, {
      hint: "Clone it with --ref-format=files, or run `git refs migrate --ref-format=files`.",
    });
  }
  if (!(await exists(config))) return "sha1";
  // `config --file` parses, follows no include and runs nothing.
  const settings = await text(["config", "--file", config, "--null", "--list"]);
  let format = "sha1";
  for (const setting of settings.split("\0")) {
    const [key, value] = setting.split("\n");
    if (key === "extensions.objectformat") format = value ?? "";
  }
  if (format === "sha1" || format === "sha256") return format;
  throw new StageError("E_UNSUPPORTED", `${path} has objects of the format "${format}".`, {
    hint: "Known are sha1 and sha256.",
  });
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
