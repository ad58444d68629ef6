import type { Vocabulary } from "@repotune/schema";

/**
 * The `tokenizer_config.json` that lets `AutoTokenizer.from_pretrained` of `transformers` load the
 * `tokenizer.json` beside it, and that keeps its decoder from removing spaces before punctuation.
 */
export function tokenizerConfig(
  tokenizerJson: string,
  { document_end_id }: Pick<Vocabulary, "document_end_id">,
): string {
  const { added_tokens = [] } = JSON.parse(tokenizerJson) as {
    added_tokens?: { id: number; content: string }[];
  };
  const end = added_tokens.find(({ id }) => id === document_end_id)?.content;
  const pad = added_tokens.find(({ content }) => content === "<PAD>")?.content;
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
    ...(end !== undefined && { eos_token: end }),
    ...(pad !== undefined && { pad_token: pad }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
