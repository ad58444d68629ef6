import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";

/** Pieces are views of blocks of this size, each of which is used once. */
const BLOCK_BYTES = 1 << 20;

/** The least room in a block for which it is worth reading. */
const LEAST_ROOM = 64 << 10;

/** How long output gathers, in milliseconds: git writes 4 KiB at a time, and small answers at once. */
const GATHER_MS = 2;

/** The longest path a socket can have anywhere; libuv cuts a longer one off. */
const MAX_PATH_BYTES = 100;

/** Sockets opened so far: each has a name of its own. */
let opened = 0;

/** The end of a socket that a process writes to, and what it writes. */
export interface BulkOutput {
  /** To be closed once the process has it. */
  readonly writable: Socket;
  readonly stdout: Readable;
}

/**
 * A way out for many megabytes. Node reads a child's output into 64 KiB of fresh memory for each
 * piece that is there, mostly 3 KB: that takes three times as long as this, and wakes git and us
 * each time.
 *
 * @param folder a private one, for the socket.
 * @returns undefined where there are no such sockets, or the folder's path is too long for one.
 */
export async function openBulkOutput(folder: string): Promise<BulkOutput | undefined> {
  opened += 1;
  const path = join(folder, `output-${opened}`);
  if (process.platform === "win32" || Buffer.byteLength(path) > MAX_PATH_BYTES) return undefined;
  const server = createServer();
  const accepted = once(server, "connection") as Promise<[Socket]>;
  try {
    server.listen(path);
    await once(server, "listening");
    const stdout = new BulkReadable(path);
    const [writable] = await accepted;
    return { writable, stdout };
  } catch {
    accepted.catch(() => undefined);
    return undefined;
  } finally {
    server.close();
  }
}

/** What comes through a socket, in pieces that are as large as it lets them grow in a moment. */
class BulkReadable extends Readable {
  readonly #socket: Socket;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    super({ highWaterMark: 1 });
    this.#socket = connect({
      path,
      onread: { buffer: () => this.#room(), callback: (bytes) => this.#take(bytes) },
    });
    this.#socket.on("end", () => this.push(null));
    this.#socket.on("error", (error) => this.destroy(error));
  }

  override _read(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#socket.resume();
    }, GATHER_MS);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
    callback(error);
  }

  #room(): Buffer {
    if (this.#block.length - this.#at < LEAST_ROOM) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      this.#at = 0;
    }
    return this.#block.subarray(this.#at);
  }

  /** Returning false pauses the socket. */
  #take(bytes: number): boolean {
    const start = this.#at;
    this.#at += bytes;
    this.push(this.#block.subarray(start, this.#at));
    return false;
  }
}
