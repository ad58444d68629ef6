import { type WasmModule, webAssembly } from "./web-assembly.ts";

/** Bytes of an escape in the module's memory: its text, and at the end the length of that. */
export const ESCAPE_BYTES = 8;

/** So many bytes behind what is read, and behind what is written, may be touched, too. */
export const OVERRUN = 8;

const I32 = 0x7f;
const I64 = 0x7e;

/** The parameters, all addresses, and the locals. */
const [at, end, to, count, word, marks] = [0, 1, 2, 3, 4, 5] as const;

/** Instructions of WebAssembly, as they are encoded. */
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
const i32 = {
  const: (value: number) => [0x41, value], // Below 64.
  load8: (offset: number) => [0x2d, 0, offset],
  ...{ add: [0x6a], sub: [0x6b], shl: [0x74], shr: [0x76], lt: [0x49], wrap: [0xa7] },
};
const i64 = {
  /** A word of which each byte is `byte`. */
  bytes: (byte: number) => [0x42, ...signed(BigInt.asIntN(64, 0x0101010101010101n * BigInt(byte)))],
  ...{ load: [0x29, 0, 0], store: [0x37, 0, 0] },
  ...{ sub: [0x7d], and: [0x83], or: [0x84], xor: [0x85], eqz: [0x50], ctz: [0x7a] },
};
const loop = [0x03, 0x40];
const ifSo = [0x04, 0x40];
const done = [0x0b];
const goOnIf = [0x0d, 1];

const code = [
  loop,
  // Copy a word.
  [...get(to), ...get(at), ...i64.load, ...tee(word), ...i64.store],
  // Mark, by their highest bits, bytes below 0x20 and those that are 0x22 or 0x5c. A borrow may mark
  // others, too, but only above one that is marked rightly.
  [...get(word), ...i64.bytes(0x20), ...i64.sub],
  [...get(word), ...i64.bytes(0x22), ...i64.xor, ...i64.bytes(1), ...i64.sub, ...i64.or],
  [...get(word), ...i64.bytes(0x5c), ...i64.xor, ...i64.bytes(1), ...i64.sub, ...i64.or],
  [...i64.bytes(0x80), ...i64.and],
  [...get(word), ...i64.bytes(0x80), ...i64.and, ...i64.bytes(0x80), ...i64.xor, ...i64.and],
  // Move on by the bytes before the lowest mark: eight if there is none.
  [...tee(marks), ...i64.ctz, ...i32.wrap, ...i32.const(3), ...i32.shr, ...tee(count)],
  [...get(at), ...i32.add, ...set(at)],
  [...get(to), ...get(count), ...i32.add, ...set(to)],
  [...get(at), ...get(end), ...i32.lt, ...ifSo],
  [...get(marks), ...i64.eqz, ...goOnIf],
  // Take the escape of the marked byte.
  [...get(to), ...get(at), ...i32.load8(0), ...i32.const(3), ...i32.shl, ...tee(count)],
  [...i64.load, ...i64.store],
  [...get(to), ...get(count), ...i32.load8(ESCAPE_BYTES - 1), ...i32.add, ...set(to)],
  [...get(at), ...i32.const(1), ...i32.add, ...tee(at), ...get(end), ...i32.lt, ...goOnIf],
  done,
  done,
  // The last word may have led too far.
  [...get(to), ...get(at), ...get(end), ...i32.sub, ...i32.sub],
  done,
].flat();

/**
 * A WebAssembly module whose function `escape(at, end, to)` escapes text for JSON: it reads the bytes
 * from `at` to `end` of its memory, writes from `to` on, and returns where it came to. The escape of
 * a byte b is expected at the address `ESCAPE_BYTES`·b.
 *
 * It works on words of eight bytes, which JavaScript does not have: that takes six times as long,
 * once it is optimised. The function is so small that it is put together here from its instructions.
 */
export const escapeModule = (): WasmModule =>
  new webAssembly.Module(
    Uint8Array.from([
      ...[0, ...Buffer.from("asm"), 1, 0, 0, 0],
      ...section(1, [1, 0x60, 3, I32, I32, I32, 1, I32]), // One type: of three numbers, one.
      ...section(2, [1, 0, 6, ...Buffer.from("memory"), 2, 0, 1]), // A memory, imported.
      ...section(3, [1, 0]), // One function, of that type,
      ...section(7, [1, 6, ...Buffer.from("escape"), 0, 0]), // exported.
      ...section(10, [1, ...sized([2, 1, I32, 2, I64, ...code])]), // Its locals and its code.
    ]),
  );

const section = (id: number, body: number[]) => [id, ...sized(body)];

const sized = (body: number[]) => [...unsigned(body.length), ...body];

/** Numbers in LEB128, as modules have them. */
const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];

function signed(value: bigint): number[] {
  const low = Number(BigInt.asUintN(7, value));
  return value >= -64n && value < 64n ? [low] : [low | 0x80, ...signed(value >> 7n)];
}
