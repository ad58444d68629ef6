import { access } from "node:fs/promises";
import { join } from "node:path";
import { StageError } from "@repotune/schema";
import type { RepositoryLocation } from "./locate.ts";
import type { ObjectFormat } from "./object-format.ts";

/** What has to be known of a repository's configuration. */
export interface SourceConfig {
  objectFormat: ObjectFormat;
  /** Whether objects were left out when it was cloned, to be fetched when needed. */
  isPartial: boolean;
}

/**
 * Reads what matters of a repository's configuration.
 *
 * @param text asks git, in a folder that is not the repository's.
 * @throws {StageError} `E_UNSUPPORTED` for refs that are not kept in files, or an unknown object
 *   format; `E_GIT` if the configuration cannot be parsed, as then git could not read the
 *   repository either.
 */
export async function readSourceConfig(
  location: RepositoryLocation,
  text: (args: string[]) => Promise<string>,
): Promise<SourceConfig> {
  const { commonDir, path } = location;
  const config = join(commonDir, "config");
  if (await exists(join(commonDir, "reftable"))) {
    throw new StageError("E_UNSUPPORTED", `${path} keeps its refs in a reftable.`, {
      hint: "Clone it with --ref-format=files, or run `git refs migrate --ref-format=files`.",
    });
  }
  if (!(await exists(config))) return { objectFormat: "sha1", isPartial: false };
  // `config --file` parses, follows no include and runs nothing.
  const settings = await text(["config", "--file", config, "--null", "--list"]);
  let objectFormat = "sha1";
  let isPartial = false;
  for (const setting of settings.split("\0")) {
    const [key = "", value = ""] = setting.split("\n");
    if (key === "extensions.objectformat") objectFormat = value;
    if (key === "extensions.partialclone" || isPromisor(key, value)) isPartial = true;
  }
  if (objectFormat === "sha1" || objectFormat === "sha256") return { objectFormat, isPartial };
  throw new StageError("E_UNSUPPORTED", `${path} has objects of the format "${objectFormat}".`, {
    hint: "Known are sha1 and sha256.",
  });
}

/** Whether a setting says that a remote keeps objects for later. */
const isPromisor = (key: string, value: string) =>
  /^remote\..*\.promisor$/s.test(key) && value === "true";

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
