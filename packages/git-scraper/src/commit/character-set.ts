/** Character sets of histories before UTF-8, by the names that git's own conversion knows. */
const sets: readonly [names: RegExp, label: string][] = [
  [/^(?:iso[-_]?8859-?1|latin-?1|l1|cp819)$/, "iso-8859-1"],
  [/^iso[-_]?8859-?(2|3|4|5|6|7|8|9|10|13|14|15|16)$/, "iso-8859-$1"],
  [/^(?:cp|windows-)(125[0-8])$/, "windows-$1"],
  [/^koi8-?([ru])$/, "koi8-$1"],
  [/^(?:cp|ibm)866$/, "ibm866"],
  [/^euc-?jp$/, "euc-jp"],
  [/^(?:shift[-_]jis|sjis|cp932|windows-31j)$/, "shift_jis"],
  [/^iso-2022-jp$/, "iso-2022-jp"],
  [/^(?:gbk|gb2312|euc-?cn|cp936)$/, "gbk"],
  [/^gb18030$/, "gb18030"],
  [/^big5$/, "big5"],
  [/^(?:euc-?kr|cp949|uhc)$/, "euc-kr"],
];

/** Turns bytes into text; undefined if they are none in its character set. */
type CharacterDecoder = (bytes: Buffer) => string | undefined;

/**
 * The decoder for a commit's `encoding` header, to give what git gives.
 *
 * Not every label that `TextDecoder` knows, nor as it takes them: for it, `iso-8859-1` and `ascii`
 * are other names of `windows-1252`, which in turn differs between versions of Node.
 *
 * @returns undefined for a name that is not known: then git, too, leaves bytes as they are.
 */
export function characterDecoder(name: string): CharacterDecoder | undefined {
  const wanted = name.toLowerCase();
  const found = sets.find(([names]) => names.test(wanted));
  if (!found) return undefined;
  const label = wanted.replace(...found);
  if (label === "iso-8859-1") return (bytes) => bytes.toString("latin1");
  if (label === "windows-1252") return decodeWindows1252;
  const decode = strictDecoder(label);
  return label.startsWith("iso-8859-") ? withControls(decode) : decode;
}

function strictDecoder(label: string): CharacterDecoder {
  const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
  return (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined; // The header does not tell the truth about these bytes.
    }
  };
}

/** In ISO 8859 bytes from 0x80 to 0x9f are control characters of the same number. */
function withControls(decode: CharacterDecoder): CharacterDecoder {
  const table = Array.from({ length: 256 }, (_, byte) =>
    byte < 0xa0 ? String.fromCharCode(byte) : decode(Buffer.of(byte)),
  );
  return byTable(table);
}

/** From 0x80 to 0x9f; where there is a space, there is no character. */
const WINDOWS_1252 = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

const decodeWindows1252 = byTable(
  Array.from({ length: 256 }, (_, byte) => {
    if (byte < 0x80 || byte >= 0xa0) return String.fromCharCode(byte);
    const character = WINDOWS_1252[byte - 0x80];
    return character === " " ? undefined : character;
  }),
);

function byTable(table: readonly (string | undefined)[]): CharacterDecoder {
  return (bytes) => {
    let text = "";
    for (const byte of bytes) {
      const character = table[byte];
      if (character === undefined) return undefined;
      text += character;
    }
    return text;
  };
}
