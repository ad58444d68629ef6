import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that is removed when the running test ends; only to be called inside a test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "repotune-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
