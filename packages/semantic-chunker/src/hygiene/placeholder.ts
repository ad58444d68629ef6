/** Words by which people say that something stands for a secret. */
const WORDS =
  /change[_-]?(?:me|it)|do[_-]not|dummy|example|fixme|foobar|insert|placeholder|redacted|replace|sample|x{4}|your[_-]/i;

/** Variables, templates and marks: `$VAR`, `${VAR}`, `{{ var }}`, `%VAR%`, `%s`, `<token>`, `***`. */
const TEMPLATE = /^\$|[<>]|\$\{|\{\{|^\{.*\}$|^%\w*%?$|\*{3}|\.{3}/;

/** Characters in the order of the alphabet, of numbers or of the keyboard. */
const SEQUENCE = /0123456|1234567|abcdefg|qwerty|deadbeef/i;

/** Whether a value only stands for a secret. */
export const isPlaceholder = (value: string): boolean =>
  WORDS.test(value) ||
  TEMPLATE.test(value) ||
  SEQUENCE.test(value) ||
  new Set(value.toLowerCase()).size <= 2;
