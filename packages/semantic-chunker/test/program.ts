import type { Random } from "@repotune/test-kit/random";

/** A Rust file with functions, types and constants of any length. */
export function program(random: Random): string {
  return Array.from({ length: 3 + random.below(8) }, (_, index) => item(random, index)).join("");
}

/** The file with lines dropped, added, changed, moved and indented. */
export function rewrite(random: Random, text: string): string {
  const lines = text.split("\n");
  for (let count = 1 + random.below(8); count > 0; count -= 1) {
    const at = random.below(lines.length);
    const length = random.below(12);
    const choice = random.below(5);
    if (choice === 0) lines.splice(at, length);
    else if (choice === 1) lines.splice(at, 0, ...block(random, 1, 3).split("\n"));
    else if (choice === 2) lines[at] = `${lines[at]} // ${count}`;
    else if (choice === 3) lines.push(...lines.splice(at, length));
    else for (let i = at; i < at + length && i < lines.length; i += 1) lines[i] = `    ${lines[i]}`;
  }
  return lines.join("\n");
}

function item(random: Random, index: number): string {
  const size = random.below(30);
  const many = (lineOf: (at: number) => string) =>
    Array.from({ length: size }, (_, at) => lineOf(at)).join("");
  const choice = random.below(5);
  if (choice === 0) return `pub const C${index}: u8 = ${size};\n`;
  if (choice === 1)
    return `/// Holds.\nstruct S${index} {\n${many((at) => `    f${at}: u8,\n`)}}\n\n`;
  if (choice === 2) {
    return `impl S${index} {\n    const X: u8 = 1;\n\n    fn m(&self) {\n${block(random, 2, size)}    }\n}\n`;
  }
  if (choice === 3) return `const L${index}: &str = "\n${many((at) => `word ${at}\n`)}";\n`;
  return `${many(() => "/// Says.\n")}fn f${index}() {\n${block(random, 1, size)}}\n\n`;
}

function block(random: Random, depth: number, size: number): string {
  const space = "    ".repeat(depth);
  let text = "";
  for (let at = 0; at < size; at += 1) {
    const choice = depth < 6 ? random.below(8) : 0;
    if (choice === 7)
      text += `${space}if x {\n${block(random, depth + 1, random.below(10))}${space}}\n`;
    else if (choice === 6) text += `\n${space}// Note ${at}.\n`;
    else text += `${space}call(${at}, "${"x".repeat(random.below(20))}");\n`;
  }
  return text;
}
