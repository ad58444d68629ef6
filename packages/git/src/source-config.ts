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
  /** `core.worktree`, relative to the git directory. */
  workTree: string | undefined;
}

const DEFAULTS = { objectFormat: "sha1", isPartial: false, workTree: undefined } as const;

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
  if (await exists(join(commonDir, "reftable"))) {
    throw new StageError("E_UNSUPPORTED", `${path} keeps its refs in a reftable.`, {
      hint: "Clone it with --ref-format=files, or run `git refs migrate --ref-format=files`.",
    });
  }
  let settings = "";
  // The second is there where work trees have settings of their own.
  for (const file of [join(commonDir, "config"), join(commonDir, "config.worktree")]) {
    // `config --file` parses, follows no include and runs nothing.
    if (await exists(file)) settings += await text(["config", "--file", file, "--null", "--list"]);
  }
  const found: Omit<SourceConfig, "objectFormat"> = { ...DEFAULTS };
  let objectFormat: string = DEFAULTS.objectFormat;
  for (const setting of settings.split("\0")) {
    const [key = "", value = ""] = setting.split("\n");
    if (key === "extensions.objectformat") objectFormat = value;
    if (key === "extensions.partialclone" || isPromisor(key, value)) found.isPartial = true;
    if (key === "core.worktree") found.workTree = value;
  }
  if (objectFormat === "sha1" || objectFormat === "sha256") return { ...found, objectFormat };
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
