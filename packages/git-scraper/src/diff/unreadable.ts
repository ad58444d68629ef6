import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type GitProcess, idDigits, type Repository } from "@repotune/git";
import { IdTable } from "../history/id-table.ts";
import { readLatin1Lines } from "../history/read-lines.ts";
import { END_MARKER, rawDiffTree } from "./command.ts";
import type { DiffRequests } from "./request.ts";
import { writeStandIn } from "./stand-in.ts";

/** git's exit status when it gives up over what it reads. */
export const DIED = 128;

/** Why something could not be read. */
export interface Unreadable {
  /** Id of the object at fault, where git names it. */
  object: string | undefined;
  reason: string;
}

/** What of a history is missing or damaged, as far as it is known. */
export class UnreadableObjects {
  /** Blobs that a stand-in replaces, with the reason. */
  readonly blobs = new Map<string, string>();
  /** Positions of commits whose changes cannot be had. */
  readonly commits = new Map<number, Unreadable>();
  readonly #repository: Repository;
  readonly #requests: DiffRequests;
  #scan: Promise<void> | undefined;
  /** Whether a process that starts now sees a stand-in for every missing blob. */
  isScanned = false;

  constructor(repository: Repository, requests: DiffRequests) {
    this.#repository = repository;
    this.#requests = requests;
  }

  /**
   * Finds, once, every blob that the commits from `from` on refer to and that is missing, and
   * stands a blob in for it. Trees alone are read for that, so that it is quick.
   */
  scan(from: number): Promise<void> {
    this.#scan ??= this.#standInForMissing(from);
    return this.#scan;
  }

  /**
   * Deals with a commit over which a diff process died although no blob is missing: a damaged blob
   * gets its stand-in, anything else costs the commit's changes.
   */
  async resolve(index: number, stderr: string): Promise<void> {
    const { object, reason } = explain(stderr, idDigits(this.#repository.objectFormat));
    const blobs = new IdTable(idDigits(this.#repository.objectFormat));
    await this.#collectBlobs(index, index + 1, blobs);
    if (this.commits.has(index)) return;
    if (object !== undefined && blobs.indexOf(object) >= 0 && !this.blobs.has(object)) {
      await this.#standIn(object, reason);
    } else {
      this.commits.set(index, { object, reason });
    }
  }

  async #standInForMissing(from: number): Promise<void> {
    const blobs = new IdTable(idDigits(this.#repository.objectFormat));
    let next = from;
    // Each round ends at a commit whose trees cannot be read, or at the end of the history.
    while (next < this.#requests.size) {
      next = (await this.#collectBlobs(next, this.#requests.size, blobs)) + 1;
    }
    for await (const id of this.#missing(blobs))
      await this.#standIn(id, "The blob is missing or damaged.");
    this.isScanned = true;
  }

  async #standIn(id: string, reason: string): Promise<void> {
    await writeStandIn(this.#repository, id);
    this.blobs.set(id, reason);
  }

  /**
   * Adds the blobs that commits `from` to `to` change.
   *
   * @returns the position it came to: `to`, or that of a commit that cannot be read.
   */
  async #collectBlobs(from: number, to: number, blobs: IdTable): Promise<number> {
    const child = this.#repository.spawn(rawDiffTree(this.#requests.merges));
    const lines = function* (requests: DiffRequests) {
      for (let index = from; index < to; index += 1) yield requests.text(index);
    };
    const fed = feed(child, lines(this.#requests));
    let index = from;
    for await (const line of readLatin1Lines(child.stdout)) {
      if (line === END_MARKER) index += 1;
      else if (line.startsWith(":")) addBlobs(line, blobs);
    }
    await fed;
    try {
      await child.done;
      return to;
    } catch (error) {
      if (child.exitCode !== DIED || index >= to) throw error;
      const digits = idDigits(this.#repository.objectFormat);
      this.commits.set(index, explain(child.stderr, digits));
      return index;
    }
  }

  async *#missing(blobs: IdTable): AsyncGenerator<string> {
    const child = this.#repository.spawn(["cat-file", "--batch-check=%(objecttype)", "--buffer"]);
    const ids = function* () {
      for (let index = 0; index < blobs.size; index += 1) yield `${blobs.id(index)}\n`;
    };
    const fed = feed(child, ids());
    for await (const line of readLatin1Lines(child.stdout)) {
      if (line.endsWith(" missing")) yield line.slice(0, -" missing".length);
    }
    await fed;
    await child.done;
  }
}

/** Writes lines as fast as git takes them; if it ends early, its end tells why. */
async function feed(child: GitProcess, lines: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(lines), child.stdin).catch(() => undefined);
}

const SUBMODULE = "160000";

function addBlobs(rawLine: string, blobs: IdTable): void {
  const [oldMode, newMode, oldBlob = "", newBlob = ""] = rawLine.slice(1).split(" ");
  if (oldMode !== SUBMODULE && !/^0+$/.test(oldBlob)) blobs.add(oldBlob);
  if (newMode !== SUBMODULE && !/^0+$/.test(newBlob)) blobs.add(newBlob);
}

/** What git said when it gave up: the object it names last, and its last line. */
function explain(stderr: string, digits: number): Unreadable {
  const reason = stderr.trim().split("\n").at(-1) || "git gave no reason.";
  const ids = stderr.match(new RegExp(`(?<![0-9a-f])[0-9a-f]{${digits}}(?![0-9a-f])`, "g"));
  return { object: ids?.at(-1), reason: `git: ${reason}` };
}
