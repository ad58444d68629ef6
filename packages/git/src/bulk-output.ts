import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";

/** Pieces are views of blocks of this size. */
const BLOCK_BYTES = 1 << 20;

/** Blocks that are kept to be used again; if there were more at a time, memory goes back. */
const MAX_FREE = 4;

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
  readonly stdout: BulkReadable;
}

/** A part of memory that pieces are views of. */
interface Block {
  bytes: Buffer;
  /** Bytes that are taken. */
  used: number;
  /** Pieces that were handed out and not given back. */
  pieces: number;
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
  /** Blocks by their memory, as long as anybody has a piece of it. */
  readonly #blocks = new WeakMap<ArrayBufferLike, Block>();
  /** Blocks that are full and were given back whole. */
  readonly #free: Block[] = [];
  #block = this.#newBlock();
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

  /** Takes a piece back of which nothing is used any more: its memory is then used again. */
  release(piece: Buffer): void {
    const block = this.#blocks.get(piece.buffer);
    if (!block) return;
    block.pieces -= 1;
    // What follows in the block that is being filled has its place already.
    const isFree = block.pieces === 0 && block !== this.#block;
    if (isFree && this.#free.length < MAX_FREE) this.#free.push(block);
  }

  /** Where the next bytes are to go; asked for as soon as the last ones have come. */
  #room(): Buffer {
    if (this.#block.bytes.length - this.#block.used < LEAST_ROOM) {
      if (this.#block.pieces > 0) this.#block = this.#free.pop() ?? this.#newBlock();
      this.#block.used = 0;
    }
    return this.#block.bytes.subarray(this.#block.used);
  }

  #newBlock(): Block {
    const block = { bytes: Buffer.allocUnsafeSlow(BLOCK_BYTES), used: 0, pieces: 0 };
    this.#blocks.set(block.bytes.buffer, block);
    return block;
  }

  /** Returning false pauses the socket. */
  #take(bytes: number): boolean {
    const block = this.#block;
    const start = block.used;
    block.used += bytes;
    block.pieces += 1;
    this.push(block.bytes.subarray(start, block.used));
    return false;
  }
}
