/**
 * Text in which encoders that differ would show it: indentation, runs, digits, line ends, other
 * scripts, spaces and marks, contractions, names of structure.
 *
 * It has none of the characters that `@huggingface/tokenizers` reads in another way than the native
 * library and llama.cpp do: U+FEFF, U+0085, digits of other kinds than decimal.
 */
export const SAMPLE = [
  "fn main() {\n    let x1 = 1024;\t// don't — naïve 日本語 🙂\r\n\n\n\tvec![0u8; 16]  \n}\n<s> </s>\n",
  "pub(crate) struct HttpServer2<'a> { max_len: usize, buf: &'a [u8] } // 99.5% of 1234567\n",
  "    if (a != b && c <= d || !e) { return a?.b ?? c[0] ** 2; }\n\t\t\t\tx += 1;  \n   \n ",
  "I'm sure they'll say we've THAT'S it; İstanbul ǅ ß ﬁ ½\u00a0x\u2003y\u3000z e\u0301 한국어 العربية नमस्ते\n",
  "<|im_start|>user<|im_end|> <|endoftext|> [INST] <unk> <0x0A> ## __init__ a_b-c/d.e\\f ~!@#$%^&*()\n",
  "👩‍👩‍👧‍👦 𝒜𝓑 \u200b\u200d \ufffd ''' \"\"\" ``` ------ ====== ...... \r\r\n  \r\n",
].join("");

/** Where two encoders first differ on {@link SAMPLE}, as text, or `undefined` if they agree. */
export function differenceOnSample(
  actual: readonly number[],
  expected: readonly number[],
): string | undefined {
  const length = Math.max(actual.length, expected.length);
  for (let i = 0; i < length; i++) {
    if (actual[i] !== expected[i]) {
      return `token ${i} of the sample is ${actual[i] ?? "missing"}, not ${expected[i] ?? "the end"}`;
    }
  }
  return undefined;
}
