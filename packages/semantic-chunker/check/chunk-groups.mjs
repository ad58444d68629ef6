import { createReadStream } from "node:fs";

/** The chunks of a `chunks.jsonl`, in groups of one commit. */
export async function* chunkGroups(path) {
  let group = [];
  for await (const chunk of records(path)) {
    if (group.length > 0 && group[0].commit_hash !== chunk.commit_hash) {
      yield group;
      group = [];
    }
    group.push(chunk);
  }
  if (group.length > 0) yield group;
}

async function* records(path) {
  let rest = "";
  for await (const piece of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 })) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
  if (rest !== "") throw new Error(`${path} ends within a line.`);
}
