import { withoutByteOrderMark } from "../source/byte-order-mark.ts";
import type { Language } from "./language.ts";
import { cutSections, type SectionStart } from "./sections.ts";

/** No key is longer; the pattern takes quadratic time on what only resembles one. */
const MAX_KEY = 500;

/** A key in the first column: plain, or in quotes. */
const KEY =
  /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s#\-?:,[\]{}&*!|>'"%@`][^#]*?|-[^\s#][^#]*?))\s*:(?:\s|$)/;

/** YAML, cut at the keys and list items in the first column, document by document. */
export const yaml: Language = {
  name: "yaml",
  cut(source) {
    const starts: SectionStart[] = [];
    let document = 0;
    for (let line = 1; line <= source.lineCount; line += 1) {
      const text = withoutByteOrderMark(source.line(line));
      if (/^---(\s|$)/.test(text)) {
        // The first mark opens the first document, unless something stands before it.
        if (starts.length > 0) document += 1;
        if (starts.length > 0) starts.push({ line, kind: "document", name: null, section: null });
        continue;
      }
      const match = KEY.exec(text.slice(0, MAX_KEY));
      const name = match?.[1] ?? match?.[2] ?? match?.[3];
      const prefix = document > 0 ? `${document + 1}: ` : "";
      if (name !== undefined) {
        starts.push({ line, kind: "key", name, section: prefix + name });
      } else if (/^-\s/.test(text)) {
        const item = text.slice(1).trim();
        starts.push({ line, kind: "item", name: null, section: `${prefix}- ${item.slice(0, 80)}` });
      }
    }
    const preamble = { line: 1, kind: "document", name: null, section: null };
    return cutSections(source, starts, preamble, {
      isComment: (text) => text.startsWith("#"),
    });
  },
};
